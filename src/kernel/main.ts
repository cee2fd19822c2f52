/** Starts the kernel: `node main.ts CONNECTION_FILE`, in the notebook's folder. */
import { extname, join } from "node:path";
import { recordFatalErrors } from "./errors/crashes";
import { kernelInfo } from "./wire/kernel-info";
import { connectSockets } from "./wire/link";

const [, , connectionFile] = process.argv;
if (!connectionFile) throw new Error("Usage: node main.ts CONNECTION_FILE");
const sibling = (name: string) => join(__dirname, `${name}${extname(__filename)}`);
const link = connectSockets(connectionFile, {
  kernelInfo,
  worker: sibling("sockets"),
  sigint: sibling("sigint"),
});
// Until the thread for it watches, nothing is running yet.
process.on("SIGINT", () => {});
recordFatalErrors(connectionFile);
// The compiler is loaded while the sockets are being bound.
const { serve } = require("./kernel") as typeof import("./kernel");
void serve(link, connectionFile);
