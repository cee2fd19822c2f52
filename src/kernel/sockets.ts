import { setTimeout as delay } from "node:timers/promises";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { context } from "zeromq";
import { forgetCell } from "./errors/crashes";
import { bindSockets } from "./wire/binding";
import { readConnection } from "./wire/connection";
import { Control } from "./wire/control";
import { Inputs } from "./wire/inputs";
import { Interruption } from "./wire/interruption";
import { Iopub } from "./wire/iopub";
import { watchMemory } from "./wire/memory";
import {
  type Body,
  fewPosts,
  type Header,
  type Message,
  Shared,
  type SocketsData,
  type ToMain,
  type ToSockets,
} from "./wire/messages";
import { Outbox } from "./wire/outbox";
import { watchParent } from "./wire/parent";
import { Requests } from "./wire/requests";
import { isNudge, isOfSession } from "./wire/server";
import { tellTerminal } from "./wire/stderr";
import { BadMessage, Wire } from "./wire/wire";

// The body of the socket thread. It answers whatever the main thread is doing.

const { connectionFile, kernelInfo, shared, sigint, heapLimit } = workerData as SocketsData;
const post = (message: ToMain): void => parentPort?.postMessage(message);

/** Time to hand over what waits, and as much again for ZeroMQ to send it. */
const lingerMs = 200;
/** A kernel that was shut down is gone after this, whatever it is doing. */
const killMs = 450;
/** Handled when they come, on whichever channel. */
const urgent = new Set(["interrupt_request", "shutdown_request"]);

async function run(): Promise<void> {
  const connection = readConnection(connectionFile);
  // At exit the context waits no longer than the sockets linger.
  context.blocky = false;
  const sockets = await bindSockets(connection, lingerMs);
  const wire = new Wire(connection.key);
  const outboxes = {
    shell: new Outbox(sockets.shell),
    control: new Outbox(sockets.control),
    stdin: new Outbox(sockets.stdin),
    hb: new Outbox(sockets.hb),
  };
  const iopub = new Iopub({
    wire,
    socket: sockets.iopub,
    shared,
    allowDrop: (drop) => {
      sockets.iopub.noDrop = !drop;
    },
  });
  if (isOfSession()) iopub.behindServer();
  const reply = (channel: "shell" | "control", request: Message, body: Body): Promise<void> => {
    const { identities: route, header } = request;
    const type = header.msg_type.replace(/_request$/, "_reply");
    return outboxes[channel].send(wire.write({ type, route, parent: header, body }).frames);
  };
  const requests = new Requests({
    iopub,
    kernelInfo,
    reply: (request, body) => reply("shell", request, body),
    hand: (message) => post({ kind: "request", message }),
  });
  const inputs = new Inputs({ wire, outbox: outboxes.stdin, iopub, post });
  const interruption = new Interruption(
    shared,
    () => post({ kind: "interrupt" }),
    (text) => iopub.stream("stderr", requests.current?.header ?? lastParent, text, 0),
  );
  const control = new Control({
    iopub,
    kernelInfo,
    reply,
    running: () => requests.current?.header,
    interrupt: () => interruption.interrupt(),
    doom,
    leave: () => leave(0),
  });
  const unwatchMemory = watchMemory(heapLimit);
  let closing = false;
  /** Nothing was asked, and nobody was told that the kernel starts. */
  let fresh = true;
  let lastParent: Header | undefined;

  function receive(message: ToSockets): void {
    if (message.kind === "stream" || message.kind === "publish") {
      // Awake a main thread that was slowed once, not at each message.
      const before = Atomics.sub(shared, Shared.posts, 1);
      if (before === fewPosts + 1) Atomics.notify(shared, Shared.posts);
    }
    if (message.kind === "stream") {
      const { name, parent, text, weight } = message;
      if (parent !== "same") lastParent = parent;
      iopub.stream(name, lastParent, text, weight);
    } else if (message.kind === "publish") {
      const { type, body, parent, buffers, weight } = message;
      iopub.publish(type, body, parent, buffers, weight);
    } else if (message.kind === "reply") requests.answer(message.id, message.body);
    else if (message.kind === "abort") requests.abort();
    else if (message.kind === "input") inputs.ask(message);
    else if (message.kind === "input-end") inputs.end(message.number);
    else close().then(() => process.exit(0));
  }

  async function listen(channel: "shell" | "control" | "stdin"): Promise<void> {
    for await (const frames of sockets[channel]) {
      try {
        const message = wire.read(frames);
        fresh = false;
        if (channel === "control" && isNudge(message)) iopub.behindServer();
        if (channel === "stdin") inputs.receive(message);
        else if (channel === "control" || urgent.has(message.header.msg_type)) {
          await control.receive(message, channel);
        } else requests.add(message);
      } catch (error) {
        const why = error instanceof BadMessage ? error.message : error;
        tellTerminal(`A message on ${channel} was dropped: ${why}.`);
      }
    }
  }

  async function echo(): Promise<void> {
    for await (const frames of sockets.hb) await outboxes.hb.send(frames);
  }

  async function welcome(): Promise<void> {
    for await (const [frame] of sockets.iopub) {
      if (frame?.[0] !== 1) continue;
      iopub.welcome(frame.subarray(1));
      // Sooner nobody would see it, or see it before the welcome.
      if (fresh) iopub.status("starting", undefined);
      fresh = false;
    }
  }

  /** Sends what it can in the time it has, and closes the sockets. */
  async function close(): Promise<void> {
    closing = true;
    interruption.end();
    unwatchMemory();
    iopub.end();
    const all = [iopub, ...Object.values(outboxes)];
    await Promise.race([Promise.all(all.map((outbox) => outbox.sent)), delay(lingerMs)]);
    for (const outbox of all) outbox.stop();
    for (const socket of Object.values(sockets)) socket.close();
    Atomics.store(shared, Shared.closed, 1);
    Atomics.notify(shared, Shared.waiting);
  }

  /** The main thread may be stuck, and `process.exit` would end the worker only. */
  function doom(): void {
    forgetCell(connectionFile);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), killMs);
  }

  async function leave(code: number): Promise<void> {
    if (closing) return;
    await close();
    post({ kind: "exit", code });
  }

  parentPort?.on("message", (message: ToSockets) => {
    if (!closing) receive(message);
  });
  if (sigint) {
    new Worker(sigint)
      .on("message", () => interruption.interrupt())
      .on("error", (error) => tellTerminal(`SIGINT cannot be watched: ${error.message}`));
  }
  watchParent(() => {
    doom();
    leave(1);
  });
  for (const loop of [listen("shell"), listen("control"), listen("stdin"), echo(), welcome()]) {
    loop.catch((error) => closing || tellTerminal(`A socket failed: ${error}`));
  }
}

// One bad turn must not end the kernel.
process.on("uncaughtException", (error) => tellTerminal(`The socket thread: ${error.stack}`));
run().catch((error: Error) => {
  tellTerminal(`The kernel cannot start: ${error.message}`);
  post({ kind: "exit", code: 1 });
});
