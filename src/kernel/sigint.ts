import { Script } from "node:vm";
import { parentPort } from "node:worker_threads";

// The body of a thread that does nothing but wait for SIGINT. Node hands signals to the main thread's event loop, which
// may stand; only a script can be ended by one at any time. Each SIGINT is posted to who started the thread.

const options = { breakOnSigint: true };
const post = (): void => parentPort?.postMessage("SIGINT");
const never = new Int32Array(new SharedArrayBuffer(4));

const globals = globalThis as { wait?: () => void; watch?: () => void };
globals.wait = () => void Atomics.wait(never, 0, 0);
const waiting = new Script("wait()");

// A script inside a script: between two waits the outer one still holds the signal, which would else end the process.
globals.watch = () => {
  for (;;) {
    try {
      waiting.runInThisContext(options);
    } catch {
      post();
    }
  }
};
const watching = new Script("watch()");
for (;;) {
  try {
    watching.runInThisContext(options);
  } catch {
    post();
  }
}
