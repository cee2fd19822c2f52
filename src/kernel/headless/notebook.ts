import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { jupyterDataFolder, python, reportsFolder, root } from "../../setup/paths";
import { kernelDisplayName, kernelName } from "../kernelspec";
import { NotebookError } from "./errors";
import { drawFormulas } from "./formulas";
import { injectedCell } from "./parameters";

export interface NotebookOptions {
  /** Values for the notebook's parameters, by name. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Where the executed notebook goes; default `data/reports/<name>.ipynb`. */
  readonly output?: string;
  /** Where the page goes; default beside the executed notebook. */
  readonly html?: string;
}

interface Cell {
  cell_type: string;
  metadata?: { tags?: string[] };
  source: string | string[];
  [key: string]: unknown;
}

interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  cells: Cell[];
}

/**
 * Run a notebook on the project's kernel without a browser, telling the terminal how far it is, and leave it executed
 * and as an HTML page that needs no network. The notebook itself is not touched.
 *
 * @returns where the executed notebook and the page are
 * @throws NotebookError when a cell fails or the run is interrupted (what ran is saved then), and for a file that is
 * no notebook, parameters it does not have, or a Python environment that is not there
 */
export async function runNotebook(
  file: string,
  { parameters = {}, output, html }: NotebookOptions = {},
): Promise<{ notebook: string; html: string }> {
  const input = resolve(file);
  const name = relative(process.cwd(), input);
  const content = withParameters(readNotebook(input, name), parameters);
  const notebook = resolve(output ?? join(reportsFolder, basename(input)));
  const page = resolve(
    html ?? join(dirname(notebook), `${basename(notebook, extname(notebook))}.html`),
  );
  if (notebook === input || page === input) {
    throw new NotebookError(
      `The executed notebook would replace ${name}.`,
      "Name another file with --output.",
    );
  }
  if (!existsSync(python)) {
    throw new NotebookError(
      `There is no Python environment at ${relative(process.cwd(), python)}.`,
      "`npm run doctor` says what is missing.",
    );
  }
  for (const folder of [notebook, page].map(dirname)) mkdirSync(folder, { recursive: true });
  process.stderr.write(`${name} on the kernel "${kernelDisplayName}"\n`);
  const draft = `${page}.${process.pid}.part`;
  try {
    const status = await execute(JSON.stringify(content), dirname(input), notebook, draft);
    if (!existsSync(draft)) {
      throw new NotebookError(
        `${name} could not be run, and nothing was saved.`,
        "`npm run doctor` says what is missing.",
      );
    }
    writeFileSync(draft, await drawFormulas(readFileSync(draft, "utf8")));
    renameSync(draft, page);
    if (status !== 0) {
      const what = status === 130 ? "was interrupted" : "stopped at a cell that failed";
      const saved = `What ran is in ${relative(process.cwd(), notebook)}.`;
      throw new NotebookError(`${name} ${what}.`, saved, status);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return { notebook, html: page };
}

/** @returns the exit status of execute.py */
function execute(content: string, folder: string, notebook: string, html: string): Promise<number> {
  const script = join(root, "src", "kernel", "headless", "execute.py");
  const files = ["--folder", folder, "--output", notebook, "--html", html];
  return new Promise((done, fail) => {
    const child = spawn(python, ["-B", script, "--kernel", kernelName, ...files], {
      stdio: ["pipe", "inherit", "inherit"],
      // Started from a notebook's cell, it is not that notebook's session.
      env: { ...process.env, JUPYTER_DATA_DIR: jupyterDataFolder, JPY_SESSION_NAME: undefined },
    });
    // Ctrl-C reaches the child too, which stops the cell and saves.
    const ignore = () => {};
    const pass = () => child.kill("SIGTERM");
    process.on("SIGINT", ignore).on("SIGTERM", pass);
    child.on("error", fail);
    child.on("close", (status) => {
      process.off("SIGINT", ignore).off("SIGTERM", pass);
      done(status ?? 1);
    });
    child.stdin.end(content);
  });
}

function readNotebook(file: string, name: string): Notebook {
  if (!existsSync(file)) {
    throw new NotebookError(`There is no notebook ${name}.`, "The project's are in notebooks/.");
  }
  let notebook: Partial<Notebook> | null;
  try {
    notebook = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    notebook = null;
  }
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new NotebookError(
      `${name} is not a notebook of format 4.`,
      "Open it in JupyterLab (npm run lab) and save it.",
    );
  }
  return notebook as Notebook;
}

/** The notebook with a cell that sets `values`, after the one tagged `parameters`. */
function withParameters(notebook: Notebook, values: Readonly<Record<string, unknown>>): Notebook {
  const tagged = (tag: string) => (cell: Cell) => cell.metadata?.tags?.includes(tag) ?? false;
  const cells = notebook.cells.filter((cell) => !tagged("injected-parameters")(cell));
  if (Object.keys(values).length === 0) return { ...notebook, cells };
  const place = cells.findIndex(tagged("parameters"));
  const declared = cells[place] && [cells[place].source].flat().join("");
  const injected: Cell = {
    cell_type: "code",
    metadata: { tags: ["injected-parameters"] },
    source: injectedCell(declared, values),
    outputs: [],
    execution_count: null,
    ...(notebook.nbformat_minor >= 5 && { id: "injected-parameters" }),
  };
  return {
    ...notebook,
    cells: [...cells.slice(0, place + 1), injected, ...cells.slice(place + 1)],
  };
}
