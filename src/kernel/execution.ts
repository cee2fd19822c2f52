import { TypeScriptError } from "./cells/cells";
import { compileFailure } from "./cells/problems";
import type { Session } from "./cells/session";
import { type CellContext, withinCell } from "./context";
import { InterruptedError, OutOfMemoryError } from "./errors/ended";
import { type Failure, failureOf } from "./errors/failure";
import type { History } from "./history";
import type { Interrupts } from "./interrupts";
import { bundleOf, type Shown } from "./values/bundle";
import { uncoloured } from "./values/text";
import type { Link } from "./wire/link";
import type { Content, Message } from "./wire/messages";

/** Runs cells for `execute_request`. */
export class Execution {
  private count = 0;

  constructor(
    private readonly link: Link,
    private readonly session: Session,
    private readonly interrupts: Interrupts,
    private readonly history: History,
    private readonly inspected: (code: string) => Content | undefined,
  ) {}

  /** The number of the next cell that is remembered. */
  get next(): number {
    return this.count + 1;
  }

  /** @returns the reply */
  async execute(request: Message): Promise<Content> {
    this.interrupts.begin();
    const { header, content } = request;
    const code = String(content.code ?? "");
    const silent = content.silent === true;
    const remembered = !silent && content.store_history !== false;
    if (remembered) this.history.add(++this.count, code);
    const number = this.count;
    const publish = (type: string, published: Content) =>
      this.link.publish({ type, content: published, parent: header });
    if (!silent) publish("execute_input", { code, execution_count: number });

    const page = code.trim().endsWith("?") ? this.inspected(code.trim().slice(0, -1)) : undefined;
    if (page)
      return {
        status: "ok",
        execution_count: number,
        user_expressions: {},
        payload: [{ source: "page", data: page, start: 0 }],
      };

    const context: CellContext = { header, onFailure: new Set() };
    const { result, failure } = await this.attempt(context, code, {
      keep: true,
      count: remembered ? number : undefined,
    });
    if (failure) {
      if (!silent) publish("error", { ...failure });
      if (content.stop_on_error !== false) this.link.abortQueued();
      // Programs that run notebooks put the reply's into a log, where colour codes are only noise.
      const traceback = failure.traceback.map(uncoloured);
      return { status: "error", execution_count: number, ...failure, traceback };
    }
    if (result && result.value !== undefined && !silent) {
      Reflect.set(globalThis, "_", result.value);
      const shown = await this.shown(result.value, context);
      if (remembered) this.history.result(String(shown.bundle.data["text/plain"] ?? ""));
      publish("execute_result", { execution_count: number, ...shown.bundle });
      if (shown.failure !== undefined) publish("error", { ...this.failure(shown.failure) });
    }
    return {
      status: "ok",
      execution_count: number,
      user_expressions: await this.expressions(context, content.user_expressions),
      payload: [],
    };
  }

  /** An interrupt also ends the wait for a value that takes long to show itself. */
  private async shown(value: unknown, context: CellContext): Promise<Shown> {
    try {
      return await this.interrupts.during(context.header.msg_id, () =>
        withinCell(context, () => bundleOf(value)),
      );
    } catch (failure) {
      return { bundle: { data: { "text/plain": "(not shown)" }, metadata: {} }, failure };
    }
  }

  /** What an error becomes in the notebook. */
  failure(error: unknown): Failure {
    if (error instanceof TypeScriptError) return compileFailure(error);
    if (error instanceof InterruptedError) {
      const { name, message } = error;
      return { ename: name, evalue: message, traceback: [message ? `${name}: ${message}` : name] };
    }
    const { modules, positions } = this.session;
    return failureOf(error, {
      map: (file, line, column) =>
        positions.map(file, line, column) ?? modules.map(file, line, column),
      source: (file) => positions.source(file) ?? modules.source(file),
      isHidden: (file) => file.startsWith(__dirname),
    });
  }

  private async attempt(
    context: CellContext,
    code: string,
    { keep, count }: { readonly keep: boolean; readonly count?: number | undefined },
  ): Promise<{ result?: { value: unknown } | undefined; failure?: Failure }> {
    try {
      const run = <T>(body: () => Promise<T>) =>
        this.interrupts.during(context.header.msg_id, () => withinCell(context, body));
      if (keep) {
        for (const line of await run(() => this.session.refresh()))
          this.link.stream("stderr", `${line}\n`, context.header);
        if (this.session.keepModule(code)) return {};
      }
      const cell = this.session.compile(code, count);
      try {
        return { result: await run(() => this.session.run(cell, keep)) };
      } catch (error) {
        // They fill the heap.
        if (error instanceof OutOfMemoryError) this.session.forget(cell);
        throw error;
      } finally {
        this.session.settle(cell, keep);
      }
    } catch (error) {
      for (const listener of context.onFailure) listener();
      return { failure: this.failure(error) };
    }
  }

  private async expressions(context: CellContext, given: unknown): Promise<Content> {
    const answers: Record<string, unknown> = {};
    const asked = (given ?? {}) as Record<string, unknown>;
    for (const [name, expression] of Object.entries(asked)) {
      const { result, failure } = await this.attempt(context, String(expression), {
        keep: false,
      });
      answers[name] = failure
        ? { status: "error", ...failure }
        : { status: "ok", ...(await bundleOf(result?.value ?? null))?.bundle };
    }
    return answers;
  }
}
