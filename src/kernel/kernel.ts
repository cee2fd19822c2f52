import { noteBuiltIns, whileLent } from "./built-ins";
import { completeness } from "./cells/completeness";
import { complete } from "./cells/completion";
import { inspectAt } from "./cells/inspection";
import { Session } from "./cells/session";
import { currentCell } from "./context";
import { CrashNotes, takeCrash } from "./errors/crashes";
import { forbidEnding, watchStrays } from "./errors/strays";
import { Execution } from "./execution";
import { watchFetches } from "./fetches";
import { installGlobals } from "./given";
import { History } from "./history";
import { Interrupts } from "./interrupts";
import { captureOutput } from "./output";
import { afterTermination } from "./termination";
import { watchTimers } from "./timers";
import { adoptTslab } from "./values/rich";
import { IdleWork, warmUp } from "./warm";
import { type Midway, midway } from "./wire/interruption";
import type { Link } from "./wire/link";
import type { Content, Message } from "./wire/messages";
import { tellTerminal } from "./wire/stderr";

/** Without a request for so many milliseconds the compiler is warmed further: those of "run all" come sooner. */
const calmMs = 500;

/**
 * Answers shell requests, one after another, until the process ends.
 *
 * @param connectionFile beside which is noted which cell runs
 */
export async function serve(
  link: Link,
  connectionFile: string,
  folder = process.cwd(),
): Promise<never> {
  const history = new History();
  const interrupts = new Interrupts(link, watchTimers());
  link.onInterrupt(() => interrupts.interrupt());
  watchFetches(() => interrupts.cutSignal);
  captureOutput(link);
  const session = new Session(folder, interrupts.checkpoint, {
    tslab: () => adoptTslab(link),
  });
  afterTermination(() => session.modules.abandon());
  const inspected = (code: string) => {
    const { found, data } = inspectAt(session, code, [...code].length, 0);
    return found ? (data as Content) : undefined;
  };
  const execution = new Execution(link, session, interrupts, history, inspected);
  const notes = new CrashNotes(connectionFile);
  let crash = takeCrash(connectionFile);
  if (crash) tellTerminal(crash);
  const showError = (error: unknown) =>
    link.publish({
      type: "error",
      content: { ...execution.failure(error) },
      parent: currentCell()?.header,
    });
  watchStrays(showError);
  forbidEnding();
  noteBuiltIns();
  Object.defineProperty(globalThis, midway, { value: interrupts satisfies Midway });
  let running: Message | undefined;
  installGlobals({ link, interrupts, showError, request: () => running });

  const answers: Record<string, (message: Message) => Content | Promise<Content>> = {
    execute_request: async (message) => {
      if (crash && message.content.silent !== true) {
        link.stream("stderr", `${crash}\n`, message.header);
        crash = undefined;
      }
      notes.begin(execution.next, String(message.content.code ?? ""));
      try {
        return await execution.execute(message);
      } finally {
        notes.end();
      }
    },
    complete_request: ({ content }) =>
      complete(session, String(content.code ?? ""), Number(content.cursor_pos ?? 0)),
    inspect_request: ({ content }) =>
      inspectAt(
        session,
        String(content.code ?? ""),
        Number(content.cursor_pos ?? 0),
        Number(content.detail_level ?? 0),
      ),
    is_complete_request: ({ content }) => completeness(String(content.code ?? "")),
    history_request: ({ content }) => history.answer(content),
  };
  const warming = new IdleWork(warmUp(session));
  warming.start();
  for (;;) {
    const request = await whileLent(link.next());
    warming.stop();
    running = request;
    const answer = answers[request.header.msg_type];
    let content: Content;
    try {
      content = answer
        ? await answer(request)
        : {
            status: "error",
            ...execution.failure(new Error(`${request.header.msg_type} is not known here.`)),
          };
    } catch (error) {
      content = { status: "error", ...execution.failure(error) };
    }
    link.reply(request, content);
    warming.start(calmMs);
  }
}
