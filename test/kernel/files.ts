import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder of files. */
export interface Folder {
  readonly path: string;
  write(files: Readonly<Record<string, string>>): void;
  remove(...names: string[]): void;
  delete(): void;
}

export function createFolder(files: Readonly<Record<string, string>> = {}): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "kernel files ")));
  const folder: Folder = {
    path,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), text);
      }
    },
    remove: (...names) => {
      for (const name of names) rmSync(join(path, name), { recursive: true });
    },
    delete: () => rmSync(path, { recursive: true, force: true }),
  };
  folder.write({ "package.json": "{}", ...files });
  return folder;
}
