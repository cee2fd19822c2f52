/**
 * Starts stock tslab as the kernel "peftlab": `node --require tsx/cjs --import tsx/esm launch.ts CONNECTION_FILE`, in
 * the notebook's folder. The one file that reaches into tslab.
 */
import * as typescript from "@tslab/typescript-for-tslab";
import { display, newDisplay } from "tslab";
import { JupyterHandlerImpl } from "tslab/dist/jupyter";
import { startKernel } from "tslab/dist/main";
import { root } from "../setup/paths";
import { applyEdits } from "./edits";
import { attach } from "./host";
import { interrupt, stopped } from "./interrupt";
import { shorthandEdits, type TypeScript } from "./shorthand";
import { specifierEdits } from "./specifiers";

interface Request {
  readonly code: string;
  readonly cursor_pos?: number;
}

interface CompleteReply {
  readonly cursor_start: number;
  readonly cursor_end: number;
}

/** The methods of tslab's handler that see a cell. */
interface Handler {
  handleExecuteImpl(request: Request, ...writers: unknown[]): Promise<unknown>;
  handleInspect(request: Request): unknown;
  handleComplete(request: Request): CompleteReply;
}

/** Longest wait for interrupted work to stop: one step of training and its checkpoint take less. */
const patience = 10_000;

let cell = 0;

/** The request with its cell as tslab understands it. */
function mapped<T extends Request>(request: T): T {
  const { code, cursor_pos } = request;
  const specifiers = typescript.preProcessFile(code, true, true).importedFiles;
  const edits = [
    ...specifierEdits(
      code,
      specifiers.map(({ fileName, pos }) => ({ name: fileName, start: pos })),
      { folder: process.cwd(), root },
    ),
    ...shorthandEdits(code, typescript as unknown as TypeScript),
  ];
  const edited = applyEdits(code, edits, cursor_pos);
  return { ...request, code: edited.code, cursor_pos: edited.cursor };
}

function hook(handler: Handler): void {
  const { handleExecuteImpl, handleInspect, handleComplete } = handler;
  handler.handleExecuteImpl = async function (request, ...writers) {
    cell++;
    try {
      return await handleExecuteImpl.call(this, mapped(request), ...writers);
    } finally {
      await stopped(patience);
    }
  };
  handler.handleInspect = function (request) {
    return handleInspect.call(this, mapped(request));
  };
  handler.handleComplete = function (request) {
    const sent = mapped(request);
    const reply = handleComplete.call(this, sent);
    const shift = (sent.cursor_pos ?? 0) - (request.cursor_pos ?? 0);
    return {
      ...reply,
      cursor_start: reply.cursor_start - shift,
      cursor_end: reply.cursor_end - shift,
    };
  };
}

/** A kernel whose Jupyter was killed ends too, rather than stay behind. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, 1000).unref();
}

hook(JupyterHandlerImpl.prototype as unknown as Handler);
attach({ display, newDisplay, cell: () => cell });
// Before the first cell: a listener that changes during a cell's synchronous part breaks Node's vm.
process.on("SIGINT", interrupt);
endWithParent();
startKernel({ configPath: process.argv[2] });
