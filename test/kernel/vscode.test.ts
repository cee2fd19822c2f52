import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, type Received } from "./client";

// The requests of VS Code's Jupyter extension to a kernel that it starts itself, in its order and with its options.

const folder = mkdtempSync(join(tmpdir(), "peftlab-vscode-"));
let client: Client;
beforeAll(() => {
  client = new Client(folder);
});
afterAll(() => {
  client.end();
  rmSync(folder, { recursive: true });
});

const cell = { silent: false, store_history: true, stop_on_error: false, allow_stdin: true };
const startup = { ...cell, store_history: false };
/** Each status once: answers on control tell again that a cell runs. */
const kinds = (seen: readonly Received[]) => [
  ...new Set(seen.map(({ header, content }) => content.execution_state ?? header.msg_type)),
];
const long = 'console.log("go"); await new Promise((r) => setTimeout(r, 400));';
const go = (message: Received) => message.content.text === "go\n";

/** Starts a cell and waits until it prints "go". */
async function start(code: string): Promise<{ reply: Promise<Received | undefined> }> {
  const printed = client.waitFor(go, 60_000);
  const asked = client.ask("execute_request", { ...cell, code });
  await printed;
  return { reply: asked.then(({ reply }) => reply) };
}

/** Both at once, again and again, until a reply and anything on iopub has come. */
async function wake(given: Client): Promise<void> {
  const reply = (message: Received) => message.header.msg_type === "kernel_info_reply";
  for (;;) {
    const published = given.waitFor(({ channel }) => channel === "iopub", 500);
    const replied = given.waitFor(reply, 500);
    await given.send("control", "kernel_info_request");
    await given.send("shell", "kernel_info_request");
    if ((await published) && (await replied)) return;
    expect(given.ended).toBeUndefined();
  }
}

describe("in the order of VS Code's requests", () => {
  test("kernel_info on control and shell wakes the kernel, and once more tells of it", async () => {
    await wake(client);
    const { reply } = await client.ask("kernel_info_request", {});
    expect(reply?.content.language_info).toMatchObject({ name: "typescript" });
  });

  test("start-up code runs without a number", async () => {
    const { reply, seen } = await client.ask("execute_request", { ...startup, code: "1 + 1" });
    expect(reply?.content).toMatchObject({ status: "ok", execution_count: 0 });
    expect(kinds(seen)).toEqual(["busy", "execute_input", "execute_result", "idle"]);
  });

  test("the first cell has number 1", async () => {
    const code = 'const name = "kernel"; name';
    const { reply, seen } = await client.ask("execute_request", { ...cell, code });
    expect(reply?.content).toMatchObject({ status: "ok", execution_count: 1 });
    expect(kinds(seen)).toEqual(["busy", "execute_input", "execute_result", "idle"]);
  });

  test("widgets find no comm", async () => {
    const { reply } = await client.ask("comm_info_request", { target_name: "jupyter.widget" });
    expect(reply?.content).toEqual({ status: "ok", comms: {} });
  });

  test("completion and inspection that come while a cell runs are answered after it", async () => {
    const running = await start(long);
    const replies: string[] = [];
    const off = client.on(({ channel, header }) => {
      if (channel === "shell" || channel === "control") replies.push(header.msg_type);
    });
    const completed = client.ask("complete_request", { code: "name.toUpp", cursor_pos: 10 });
    const inspected = client.ask("inspect_request", {
      code: "name",
      cursor_pos: 4,
      detail_level: 0,
    });
    await client.ask("kernel_info_request", {}, { channel: "control" });
    expect(await running.reply).toMatchObject({ content: { status: "ok" } });
    expect((await completed).reply?.content.matches).toEqual(["toUpperCase"]);
    expect((await inspected).reply?.content).toMatchObject({ status: "ok", found: true });
    off();
    expect(replies).toEqual([
      ...["kernel_info_reply", "execute_reply", "complete_reply", "inspect_reply"],
    ]);
  });

  test("after an error the cell that waits runs, since stop_on_error is false", async () => {
    const failing = client.ask("execute_request", { ...cell, code: "throw new Error('no')" });
    const next = client.ask("execute_request", { ...cell, code: "name.length" });
    expect((await failing).reply?.content).toMatchObject({ status: "error", ename: "Error" });
    expect((await next).reply?.content.status).toBe("ok");
  });

  test("input is asked on stdin and answered there", async () => {
    const asked = client.waitFor(({ channel }) => channel === "stdin", 60_000);
    const code = 'await input("Who?")';
    const answered = client.ask("execute_request", { ...cell, code });
    expect((await asked)?.content).toEqual({ prompt: "Who?", password: false });
    await client.send("stdin", "input_reply", { status: "ok", value: "me" });
    const result = (await answered).seen.find(({ header }) => header.msg_type === "execute_result");
    expect(result?.content.data).toMatchObject({ "text/plain": "me" });
  });

  test.each([
    ["loop", 'console.log("go"); for (;;) {}'],
    ["cell that waits", 'console.log("go"); await new Promise(() => {})'],
  ])("interrupt on control ends a %s", async (_, code) => {
    const running = await start(code);
    const { reply } = await client.ask("interrupt_request", {}, { channel: "control" });
    expect(reply?.content).toEqual({ status: "ok" });
    expect((await running.reply)?.content).toMatchObject({
      status: "error",
      ename: "KeyboardInterrupt",
    });
    const { reply: next } = await client.ask("execute_request", { ...cell, code: "name" });
    expect(next?.content.status).toBe("ok");
  });

  test("restart: the process is ended in the midst of a cell, and another knows nothing of it", async () => {
    await start('console.log("go"); for (;;) {}');
    const exit = once(client.process, "exit");
    client.process.kill();
    await exit;
    client.end();
    client = new Client(folder);
    await wake(client);
    const { reply } = await client.ask("execute_request", { ...cell, code: "name.length" });
    expect(reply?.content).toMatchObject({ status: "error", execution_count: 1 });
  });

  test("restart through a server: shutdown_request on control", async () => {
    const exit = once(client.process, "exit");
    const asked = { channel: "control" as const };
    const { reply } = await client.ask("shutdown_request", { restart: true }, asked);
    expect(reply?.content).toEqual({ status: "ok", restart: true });
    await exit;
  });
});
