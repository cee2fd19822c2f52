import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { python, root } from "../../src/setup/paths";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const fixtures = join(root, "test", "fixtures", "kernel");
const folder = mkdtempSync(join(tmpdir(), "peftlab-transport-"));

interface Options {
  scenario: string;
  transport: "tcp" | "ipc";
  ip?: string;
  key?: string;
  curve?: boolean;
  /** As under Jupyter Server. */
  server?: boolean;
}

/** What jupyter_client saw of a kernel of its own. */
async function seen(scenario: string, options: Partial<Options> = {}) {
  const asked = JSON.stringify({ scenario, transport: "tcp", ...options });
  const script = join(folder, "transport.cjs");
  const { stdout } = await promisify(execFile)(
    python,
    ["-B", join(fixtures, "transport.py"), script, asked],
    { env: { ...process.env, NODE_PATH: join(root, "node_modules") }, maxBuffer: 2 ** 26 },
  );
  return JSON.parse(stdout)[asked];
}

beforeAll(() => {
  const options = { bundle: true, platform: "node", target: "node20", format: "cjs" } as const;
  for (const [name, file] of [
    ["transport", join(fixtures, "transport.ts")],
    ["sockets", join(root, "src", "kernel", "sockets.ts")],
  ] as const) {
    const outfile = join(folder, `${name}.cjs`);
    buildSync({ ...options, entryPoints: [file], external: ["zeromq"], outfile });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cell = (number: number, outputs: string[]) =>
  ["busy", "execute_input", ...outputs, "idle"].map((kind) => [kind, number]);

describe.each(["tcp", "ipc"] as const)("over %s", (transport) => {
  test("requests are answered in order, each between busy and idle", async () => {
    expect(await seen("order", { transport })).toEqual({
      first: "iopub_welcome",
      topic: { subscription: "" },
      second: "starting",
      seen: [...cell(0, ["stream"]), ...cell(1, ["stream", "stream", "stream"]), ...cell(2, [])],
      replies: [0, 1, 2],
      kinds: ["execute_reply", "execute_reply", "execute_reply"],
    });
  });

  test("heartbeat and control are answered while a cell computes", async () => {
    const { states, ...rest } = await seen("stuck", { transport });
    expect(rest).toEqual({
      beats: ["ping 0", "ping 1", "ping 2"],
      info: "kernel_info_reply",
      interrupt: "interrupt_reply",
      cut: "interrupted",
    });
    const control = [
      ["busy", "control"],
      ["idle", "control"],
      ["busy", "cell"],
    ];
    expect(states).toEqual([...control, ...control, ["idle", "cell"]]);
  });

  test("binary buffers come and go whole", async () => {
    expect(await seen("buffers", { transport })).toEqual({ lengths: [10240, 0, 2], same: true });
  });

  test("100,000 lines arrive whole, in order, in few messages", async () => {
    const { status, whole, messages } = await seen("lines", { transport });
    expect({ status, whole }).toEqual({ status: "ok", whole: true });
    expect(messages).toBeLessThan(1000);
  });

  test.each([
    ["shutdown", false, 0],
    ["shutdown to restart", true, 0],
    ["shutdown of a loop", false, -9],
  ])("%s", async (scenario, restart, code) => {
    expect(await seen(scenario, { transport })).toMatchObject({
      reply: { status: "ok", restart },
      published: true,
      code,
    });
  });
});

test.each([
  ["IPv6", { ip: "::1" }],
  ["an empty key", { key: "" }],
  ["CurveZMQ", { curve: true }],
])("with %s", async (_, options) => {
  expect(await seen("order", options)).toMatchObject({
    first: "iopub_welcome",
    replies: [0, 1, 2],
  });
});

test("without the Curve keys there is no answer", async () => {
  expect(await seen("refused", { curve: true })).toEqual({ answered: 0, "with keys": "ok" });
});

test("the socket thread answers what needs no code", async () => {
  const { terminal, info, ...rest } = await seen("answers");
  const states = ["busy", "idle"];
  expect(rest).toEqual({
    "kernel_info shell": ["kernel_info_reply", "ok", states],
    "kernel_info control": ["kernel_info_reply", "ok", states],
    "comm_info shell": ["comm_info_reply", "ok", states],
    "comm_info control": ["comm_info_reply", "ok", states],
    comm_open: ["busy", "comm_close", "idle"],
    comm_msg: states,
    nonsense: states,
    second: "iopub_welcome",
    alive: "ok",
  });
  expect(info).toEqual({ status: "ok", comms: {} });
  expect(terminal).toContain("A message of unknown type nonsense was dropped.");
});

test("tampered, malformed and replayed messages have no effect", async () => {
  const { terminal, ...rest } = await seen("hostile");
  expect(rest).toEqual({
    seen: ["busy", "execute_input", "stream", "idle"],
    others: [],
    quiet: 0,
  });
  for (const why of ["its signature is wrong", "it has no delimiter", "frames after the delimiter"])
    expect(terminal).toContain(why);
});

test("a failure aborts the execute requests that are queued, and no others", async () => {
  expect(await seen("aborts")).toEqual({
    statuses: ["ok", "error", "aborted", "aborted", "ok", "aborted"],
    later: "ok",
  });
});

test("input is answered by the frontend it went to, and ended by an interrupt", async () => {
  expect(await seen("asks")).toEqual({
    prompt: { prompt: "name?", password: false },
    parent: true,
    answered: "Ada",
    interrupted: "interrupted",
    third: "Grace",
  });
});

test("text that is hard to send", async () => {
  expect(await seen("texts")).toEqual({
    out: ["a\0b\x1b[31mred\x1b[0m", "\ufffd half", "é𝒳".repeat(5), "\\ud83d"],
    turns: [
      { name: "stdout", text: "one " },
      { name: "stderr", text: "two " },
      { name: "stdout", text: "three\n" },
    ],
    late: ["late", true],
    circular: "TypeError",
    twice: ["ok", "ok"],
  });
});

test("a frontend that reads late loses nothing", async () => {
  expect(await seen("slow reader")).toEqual({ lines: 1_000_000, last: "999999" });
});

test("under Jupyter Server output stays below its limits", async () => {
  const result = await seen("capped", { server: true });
  const many = result["print 100000"];
  expect(many).toMatchObject({ start: "0 x", last: "99999" });
  expect(many.notes).toEqual([expect.stringMatching(/^\[8,\d{3},\d{3} characters of output/)]);
  expect(result["bytes 3000000"].stderr).toBe("end");
  expect(result["print 5000"]).toMatchObject({ notes: [], last: "4999" });
  for (const code of ["print 100000", "bytes 3000000"]) {
    expect(result[code].size).toBeLessThan(3e6);
  }
  expect(result.displays).toBe(6000);
  expect(result.most).toBeLessThan(3000);
});

test("a cell that prints without end is shut down", async () => {
  expect(await seen("shutdown of a flood")).toMatchObject({ reply: { status: "ok" }, code: -9 });
});

test("a kernel whose parent is killed ends, whatever it is doing", async () => {
  expect(await seen("orphaned")).toEqual({ gone: true });
});

test("close ends the socket thread", async () => {
  expect(await seen("closes")).toEqual({ code: 0 });
});
