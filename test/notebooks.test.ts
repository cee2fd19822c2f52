import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readGlue } from "../src/glue/sources";
import { tasks } from "../src/glue/tasks";
import { kernelDisplayName, kernelName } from "../src/kernel/kernelspec";
import { notebooksFolder, root } from "../src/setup/paths";
import { realGlue } from "./glue/real";

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: string | string[];
  readonly metadata: { readonly tags?: readonly string[] };
  readonly outputs?: readonly unknown[];
}

interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: { readonly kernelspec: unknown };
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

const files = readdirSync(notebooksFolder).filter((file) => file.endsWith(".ipynb"));
const sourceOf = ({ source }: Cell) => (typeof source === "string" ? source : source.join(""));

describe.each(files)("%s", (file) => {
  const notebook = JSON.parse(readFileSync(join(notebooksFolder, file), "utf8")) as Notebook;
  const outputs = JSON.stringify(notebook.cells.map((cell) => cell.outputs ?? []));

  it("names the kernel and the format", () => {
    expect(notebook.nbformat).toBe(4);
    expect(notebook.nbformat_minor).toBeGreaterThanOrEqual(5);
    expect(notebook.metadata.kernelspec).toEqual({
      display_name: kernelDisplayName,
      language: "typescript",
      name: kernelName,
    });
  });

  it("starts with its parameters, and was committed with none injected", () => {
    const code = notebook.cells.filter((cell) => cell.cell_type === "code");
    expect(code[0]!.metadata.tags).toContain("parameters");
    const tags = code.flatMap(({ metadata }) => metadata.tags ?? []);
    expect(tags).not.toContain("injected-parameters");
  });

  it("has cells that are short, since what is long belongs into src", () => {
    for (const cell of notebook.cells.filter((cell) => cell.cell_type === "code"))
      expect(sourceOf(cell).split("\n").length, sourceOf(cell)).toBeLessThanOrEqual(15);
  });

  it("has no path of a machine in its outputs", () => {
    for (const path of [root, homedir(), "/home/", "/Users/", "/tmp/"].filter((it) => it !== "/"))
      expect(outputs).not.toContain(path);
  });

  it.skipIf(!realGlue)("has no sentence of GLUE in its outputs", async () => {
    const said = outputs.toLowerCase();
    for (const task of Object.values(tasks)) {
      const { train, dev } = await readGlue(task, { environment: { PEFTLAB_GLUE: realGlue } });
      const texts = [...train, ...dev].flatMap(({ text, pair }) => (pair ? [text, pair] : [text]));
      const long = texts.filter((text) => text.length >= 20);
      expect(long.length).toBeGreaterThan(1000);
      const found = long.filter((text) =>
        said.includes(JSON.stringify(text.toLowerCase()).slice(1, -1)),
      );
      expect(found).toEqual([]);
    }
  });
});
