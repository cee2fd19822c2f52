import { randomUUID } from "node:crypto";
import type { Random } from "./random";

/** A message as the campaign sends it. */
export interface HostileMessage {
  readonly channel: "shell" | "control" | "stdin" | "hb";
  readonly type: string;
  /** JSON texts of the four parts; a missing one is left as a frontend sends it. */
  readonly parts?: Partial<Record<"header" | "parent" | "metadata" | "content", string | Buffer>>;
  readonly buffers?: readonly Buffer[];
  /** What is done to the frames. */
  readonly frames?: "bad signature" | "cut" | "no delimiter" | "twice" | "noise" | "many";
}

const json = ["null", "1", '"text"', "[]", "{}", "true", "-1e999", '"\\ud800"', '{"__proto__":1}'];
const types = [
  ...["execute_request", "complete_request", "inspect_request", "history_request"],
  ...["is_complete_request", "kernel_info_request", "comm_info_request", "comm_open", "comm_msg"],
  ...["comm_close", "input_reply", "interrupt_request", "debug_request", "create_subshell_request"],
  ...["execute_reply", "status", "usage_request", "", "\0", "__proto__", "constructor", "toString"],
];
const fields: Readonly<Record<string, readonly string[]>> = {
  execute_request: [
    "code",
    "silent",
    "store_history",
    "user_expressions",
    "allow_stdin",
    "stop_on_error",
  ],
  complete_request: ["code", "cursor_pos"],
  inspect_request: ["code", "cursor_pos", "detail_level"],
  history_request: [
    "hist_access_type",
    "n",
    "session",
    "start",
    "stop",
    "pattern",
    "unique",
    "output",
  ],
  is_complete_request: ["code"],
  comm_open: ["comm_id", "target_name", "data"],
  comm_msg: ["comm_id", "data"],
  comm_close: ["comm_id"],
  comm_info_request: ["target_name"],
};
const codes = [
  '"1"',
  '"x."',
  '"console.lo"',
  '"\\ud83d\\ude00.a"',
  '"("',
  '"`${"',
  '""',
  '"const a: "',
];
const numbers = ["-1", "0", "1", "3", "1e9", "1.5", "null", '"2"', "1e308"];

function field(random: Random, name: string): string {
  if (random.chance(0.3)) return random.pick(json);
  if (name === "code") return random.pick(codes);
  if (["cursor_pos", "detail_level", "n", "session", "start", "stop"].includes(name))
    return random.pick(numbers);
  if (name === "hist_access_type") return random.pick(['"range"', '"tail"', '"search"', '"other"']);
  if (name === "pattern")
    return random.pick(['"*"', '"["', '"*a*a*a*a*a*a*a*a*a*b"', '"(?<"', '"\\\\"']);
  if (name === "user_expressions")
    return random.pick([
      '{"a":"1","b":"throw 1"}',
      '{"a":null}',
      '{"__proto__":"1"}',
      '{"x":"({get y(){throw 1}})"}',
    ]);
  return random.pick(json);
}

function content(random: Random, type: string): string {
  const written = ((Object.hasOwn(fields, type) && fields[type]) || ["code", "data"])
    .filter(() => random.chance(0.8))
    .map((name) => `${JSON.stringify(name)}:${field(random, name)}`);
  return `{${written.join(",")}}`;
}

/** An object with a field that an honest header has, wrong or missing. */
function header(random: Random, type: string): string {
  const known = {
    msg_id: randomUUID(),
    session: "s",
    username: "u",
    date: "d",
    msg_type: type,
    version: "5.4",
  };
  const parts = Object.entries(known).flatMap(([name, value]) => {
    if (random.chance(0.2)) return [];
    return [`"${name}":${random.chance(0.25) ? random.pick(json) : JSON.stringify(value)}`];
  });
  return `{${parts.join(",")}}`;
}

const nested = (random: Random) => {
  const depth = random.pick([100, 5_000, 100_000]);
  return random.chance(0.5)
    ? `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`
    : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
};
const large = (random: Random) =>
  `{"a":"${random.pick(["x", "\\n", "é", "\\ud800"]).repeat(2 ** 18)}"}`;
const channel = (random: Random) => random.pick(["shell", "shell", "control", "stdin"] as const);

/** What is printed by the cells that must not run. */
export const forged = "forged";

export const messages: Readonly<Record<string, (random: Random) => HostileMessage>> = {
  "message with wrong fields": (random) => {
    const type = random.pick(Object.keys(fields));
    return {
      channel: random.pick(["shell", "shell", "shell", "control"]),
      type,
      parts: { content: content(random, type) },
    };
  },
  "message of any type": (random) => {
    const type = random.pick(types);
    return { channel: channel(random), type, parts: { content: content(random, type) } };
  },
  "message with a wrong header": (random) => {
    const type = random.pick(types);
    return { channel: channel(random), type, parts: { header: header(random, type) } };
  },
  "message with a wrong part": (random) => {
    const part = random.pick(["header", "parent", "metadata", "content"] as const);
    const text = random.pick([
      random.pick(json),
      nested(random),
      large(random),
      "",
      "{",
      random.bytes(20),
      Buffer.from([0x7b, 0xff, 0x7d]),
    ]);
    return { channel: channel(random), type: random.pick(types), parts: { [part]: text } };
  },
  "message with buffers": (random) => ({
    channel: channel(random),
    type: random.pick(types),
    buffers: Array.from({ length: random.int(1, 50) }, () => random.bytes(random.int(0, 999))),
  }),
  "message with a bad signature": (random) => ({
    channel: channel(random),
    type: "execute_request",
    parts: { content: JSON.stringify({ code: `process.stdout.write("${forged}")` }) },
    frames: "bad signature",
  }),
  "frames that are no message": (random) => ({
    channel: random.pick(["shell", "control", "stdin", "hb"]),
    type: "execute_request",
    frames: random.pick(["cut", "no delimiter", "noise", "many"]),
  }),
  "message sent twice": (random) => ({
    channel: channel(random),
    type: "execute_request",
    parts: { content: '{"code":"globalThis.twice = ((globalThis as any).twice ?? 0) + 1"}' },
    frames: "twice",
  }),
};
