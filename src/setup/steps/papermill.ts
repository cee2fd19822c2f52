import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentFolder, root } from "../paths";
import type { Step } from "../step";

const source = join(root, "src", "kernel", "papermill");

/** papermill's translator for TypeScript, a Python package, put into the environment as it lies in the kernel's folder. */
export function papermillStep(environment = environmentFolder): Step {
  return {
    name: "papermill's translator",
    describes: "parameters for notebooks in TypeScript",
    download: 0,
    disk: 0,
    isDone: () =>
      files().every((file) => isCopied(join(source, file), join(site(environment), file))),
    run: async () => {
      for (const file of files()) cpSync(join(source, file), join(site(environment), file));
    },
  };
}

/** The package's files: all that is not TypeScript. */
function files(): string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.py$|\.dist-info\/\w/.test(name),
  );
}

/** Where the environment's Python looks for packages. */
function site(environment: string): string {
  const library = join(environment, "lib");
  const python = existsSync(library)
    ? readdirSync(library).find((name) => name.startsWith("python3."))
    : undefined;
  return join(library, python ?? "", "site-packages");
}

function isCopied(from: string, to: string): boolean {
  return existsSync(to) && readFileSync(from).equals(readFileSync(to));
}
