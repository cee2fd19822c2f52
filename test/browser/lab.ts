import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { reportsFolder, root } from "../../src/setup/paths";
import type { Page } from "./chromium";

export type Source = string | { readonly markdown: string };

/** JupyterLab as `npm run lab` starts it, with settings of its own. Notebooks of tests lie where reports do. */
export class Lab {
  readonly #written: string[] = [];

  private constructor(
    private readonly process: ChildProcess,
    private readonly port: number,
    private readonly home: string,
  ) {}

  /** @param env what the kernels find in their environment besides */
  static async start(env: NodeJS.ProcessEnv = {}): Promise<Lab> {
    const home = mkdtempSync(join(tmpdir(), "lab-"));
    const port = await freePort();
    const child = spawn(
      process.execPath,
      [
        ...[join(root, "src", "setup", "bootstrap.cjs"), "lab"],
        ...[
          "--no-browser",
          `--port=${port}`,
          "--ServerApp.port_retries=0",
          "--IdentityProvider.token=",
        ],
        ...["--ServerApp.allow_root=True", "--LabApp.expose_app_in_browser=True"],
      ],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          ...env,
          JUPYTERLAB_SETTINGS_DIR: join(home, "settings"),
          JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
        },
      },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    const lab = new Lab(child, port, home);
    for (;;) {
      const answers = await fetch(`${lab.address}api/status`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (answers) return lab;
      if (child.exitCode !== null) throw new Error(`JupyterLab ended:\n${said}`);
      await pause(100);
    }
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Opens a notebook made of these cells, and waits until its kernel answers. */
  async open(page: Page, name: string, cells: readonly Source[]): Promise<Notebook> {
    return await this.openFile(page, this.write(name, cells));
  }

  /** Opens a notebook file of the project. */
  async openFile(page: Page, file: string): Promise<Notebook> {
    await page.goto(`${this.address}lab/tree/${relative(root, file)}?reset`);
    const notebook = new Notebook(page);
    await notebook.ready();
    return notebook;
  }

  /** Writes a notebook; it goes when this ends. */
  write(name: string, cells: readonly Source[]): string {
    return this.#write(name, notebookOf(cells));
  }

  #write(name: string, notebook: Nbformat): string {
    const file = join(reportsFolder, `${name}-${process.pid}.ipynb`);
    mkdirSync(reportsFolder, { recursive: true });
    writeFileSync(file, JSON.stringify(notebook));
    this.remove(file);
    return file;
  }

  /** Writes a changed copy of a notebook; it goes when this ends. */
  copy(file: string, name: string, change: (notebook: Nbformat) => Nbformat): string {
    return this.#write(name, change(JSON.parse(readFileSync(file, "utf8"))));
  }

  /** Removes a file when this ends. */
  remove(file: string): void {
    this.#written.push(file);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("close", resolve));
    if (this.process.exitCode === null) {
      this.process.kill("SIGTERM");
      await ended;
    }
    for (const path of [this.home, ...this.#written])
      rmSync(path, { recursive: true, force: true });
  }
}

/** A notebook's file. */
interface Nbformat {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: string | readonly string[];
  }[];
}

function notebookOf(cells: readonly Source[]): Nbformat & Readonly<Record<string, unknown>> {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "peftlab", display_name: "TypeScript (peftlab)", language: "typescript" },
    },
    cells: cells.map((source, at) =>
      typeof source === "string"
        ? {
            cell_type: "code",
            id: `cell-${at}`,
            metadata: {},
            source,
            outputs: [],
            execution_count: null,
          }
        : { cell_type: "markdown", id: `cell-${at}`, metadata: {}, source: source.markdown },
    ),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** An output of a cell, as the notebook holds it. */
export interface Output {
  readonly output_type: string;
  readonly text?: string | readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly ename?: string;
}

/** The notebook that a page of JupyterLab shows. Its keys and buttons are the page's own. */
export class Notebook {
  constructor(readonly page: Page) {}

  /** Waits until the page shows the notebook and its kernel has answered. */
  async connected(): Promise<void> {
    await this.page.waitFor(
      `${panel}?.sessionContext?.isReady && ${panel}.content.widgets.length > 0 && !document.querySelector("#jupyterlab-splash")`,
    );
    await this.page.waitFor(`["idle", "busy"].includes(${kernel}?.status)`);
  }

  /** Waits until nothing runs. */
  async ready(): Promise<void> {
    await this.connected();
    await this.page.waitFor(`${kernel}.status === "idle"`);
  }

  /** Runs a JupyterLab command, such as `notebook:run-all-cells`, without waiting for its end. */
  async command(id: string): Promise<void> {
    await this.page.evaluate(`void jupyterapp.commands.execute(${JSON.stringify(id)})`);
  }

  /** Puts the cursor at the end of a cell's text, as a click does. */
  async edit(cell: number): Promise<void> {
    await this.page.evaluate(`(() => {
      const { content } = ${panel};
      content.activeCellIndex = ${cell};
      content.mode = "edit";
      const { editor } = content.widgets[${cell}];
      editor.focus();
      editor.setCursorPosition(editor.getPositionAt(editor.model.sharedModel.source.length));
    })()`);
  }

  /** Runs a cell with Shift+Enter; does not wait for its end. */
  async run(cell: number): Promise<void> {
    await this.edit(cell);
    await this.page.press("Shift+Enter");
  }

  /** Runs a cell and waits until the notebook shows that it ended. @returns its outputs */
  async finished(cell: number, limit?: number): Promise<Output[]> {
    await this.page.waitFor(
      `${model(cell)}.executionState === "idle" && ${model(cell)}.executionCount`,
      limit,
    );
    return await this.outputs(cell);
  }

  /** What the notebook says of the kernel, twenty times a second, until a cell has ended. */
  async statusWhileRunning(cell: number): Promise<string[]> {
    return await this.page.evaluate(`new Promise((done) => {
      const seen = [];
      const timer = setInterval(() => {
        if (${model(cell)}.executionState !== "idle")
          return seen.push(document.querySelector(".jp-Notebook-ExecutionIndicator").dataset.status);
        clearInterval(timer);
        done(seen);
      }, 50);
    })`);
  }

  /** Waits until a cell's output contains this text. */
  async says(cell: number, text: string): Promise<void> {
    await this.page.waitFor(
      `JSON.stringify(${model(cell)}.outputs.toJSON()).includes(${JSON.stringify(text)})`,
    );
  }

  async outputs(cell: number): Promise<Output[]> {
    return await this.page.evaluate(`${model(cell)}.outputs.toJSON()`);
  }

  /** What all cells show. */
  async allOutputs(): Promise<Output[]> {
    return await this.page.evaluate(
      `[...${panel}.content.model.cells].flatMap((cell) => cell.outputs?.toJSON() ?? [])`,
    );
  }

  /** Waits until a cell's text is this one. */
  async hasSource(cell: number, text: string): Promise<void> {
    await this.page.waitFor(`${model(cell)}.sharedModel.source === ${JSON.stringify(text)}`);
  }

  /** The kernel's state as JupyterLab knows it. */
  async status(): Promise<string> {
    return await this.page.evaluate(`${kernel}.status`);
  }

  async save(): Promise<void> {
    await this.page.evaluate(`${panel}.context.save()`);
  }
}

const panel = "jupyterapp.shell.currentWidget";
const kernel = `${panel}.sessionContext.session?.kernel`;
const model = (cell: number) => `${panel}.content.model.cells.get(${cell})`;

/** The text of streams and of `text/plain`. */
export function textOf(outputs: readonly Output[]): string {
  return outputs
    .map(({ text, data, ename }) => [text ?? data?.["text/plain"] ?? ename ?? ""].flat().join(""))
    .join("");
}
