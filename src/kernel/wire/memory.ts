import { Session } from "node:inspector";
import { callMidway } from "./interruption";

const everyMs = 50;

/**
 * Tells the main thread when its heap is full, where Node would end the whole process: while its code runs close to the
 * limit, V8's debugger watches it and stops it there, with some room left.
 *
 * @param limit bytes of the main thread's heap
 * @returns ends it; to be called before the process ends, which would wait for the debugger
 */
export function watchMemory(limit: number): () => void {
  let session: Session | undefined;
  const watch = () => {
    const made = new Session();
    made.connectToMainThread();
    made.on("Debugger.paused", ({ params }) => {
      // Its type does not list it.
      const isFull = (params.reason as string) === "OOM";
      if (isFull) made.post("Runtime.evaluate", callMidway("exhaust"));
      made.post("Debugger.resume");
      // Only so does V8 go back to the limit it had.
      if (isFull) made.post("Debugger.disable", unwatch);
    });
    made.post("Debugger.enable");
    session = made;
  };
  const unwatch = () => {
    session?.disconnect();
    session = undefined;
  };
  const look = () => {
    // Of all memory, since only its own thread can ask for a heap's size.
    const used = process.memoryUsage.rss();
    if (!session && used > limit * 0.5) watch();
    else if (session && used < limit * 0.4) unwatch();
  };
  const timer = setInterval(look, everyMs).unref();
  return () => {
    clearInterval(timer);
    unwatch();
  };
}
