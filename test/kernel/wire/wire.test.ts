import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connectionOf } from "../../../src/kernel/wire/connection";
import { cutAt, jsonOf } from "../../../src/kernel/wire/json";
import type { Header, Message } from "../../../src/kernel/wire/messages";
import { type Segment, Streams } from "../../../src/kernel/wire/streams";
import { BadMessage, Wire } from "../../../src/kernel/wire/wire";

const body = { content: '{"code":"1"}', metadata: "{}" };
const route = [Buffer.from("client")];
const parent = { msg_id: "p" };

function frames(key = "secret"): Uint8Array[] {
  const buffers = [Buffer.from([0, 255])];
  return new Wire(key).write({ type: "execute_request", route, parent, body, buffers }).frames;
}

describe("wire", () => {
  test("reads what it wrote", () => {
    const message = new Wire("secret").read(frames());
    expect(message).toMatchObject({
      identities: route,
      header: { msg_type: "execute_request", version: "5.4" },
      parent,
      metadata: {},
      content: { code: "1" },
      buffers: [Buffer.from([0, 255])],
    } satisfies { [name in keyof Message]: unknown });
  });

  test.each([2, 3, 4, 5, 6])("refuses a message whose frame %i was changed", (place) => {
    const changed = frames();
    const frame = Buffer.from(changed[place]!);
    frame[frame.length - 1]! ^= 1;
    changed[place] = frame;
    expect(() => new Wire("secret").read(changed)).toThrow("signature is wrong");
  });

  test("refuses a signature of another length, and another key", () => {
    const short = frames();
    short[2] = short[2]!.subarray(1);
    expect(() => new Wire("secret").read(short)).toThrow("signature is wrong");
    expect(() => new Wire("other").read(frames())).toThrow("signature is wrong");
  });

  test("verifies before it parses", () => {
    const broken = frames();
    broken[3] = Buffer.from("{");
    expect(() => new Wire("secret").read(broken)).toThrow("signature is wrong");
    expect(() => new Wire("").read(broken)).toThrow("header is not JSON");
  });

  test("drops a repeated signature, for as many as it remembers", () => {
    const wire = new Wire("secret");
    const first = frames();
    wire.read(first);
    expect(() => wire.read(first)).toThrow("seen before");
    const sender = new Wire("secret");
    for (let i = 0; i < 2 ** 16; i++) {
      wire.read(sender.write({ type: "t", route: [], parent, body }).frames);
    }
    // Memory is bounded: the oldest is forgotten.
    expect(wire.read(first).content).toEqual({ code: "1" });
  });

  test("an unsigned message is read twice", () => {
    const wire = new Wire("");
    const same = frames("");
    expect(same[2]).toHaveLength(0);
    expect(wire.read(same)).toEqual(wire.read(same));
  });

  test.each([
    [[], "no delimiter"],
    [["<IDS|MSG>", "", "{}"], "2 frames"],
    [["<IDS|MSG>", "", "[]", "{}", "{}", "{}"], "header is not a JSON object"],
    [["<IDS|MSG>", "", "{}", "{}", "{}", "{}"], "no msg_id"],
    [["<IDS|MSG>", "", '{"msg_id":1,"msg_type":"t"}', "{}", "{}", "{}"], "no msg_id"],
    [["<IDS|MSG>", "", '{"msg_id":"1"}', "{}", "{}", "{}"], "no msg_type"],
    [["<IDS|MSG>", "", '{"msg_id":"1","msg_type":"t","session":{}}', "{}", "{}", "{}"], "session"],
    [["<IDS|MSG>", "", '{"msg_id":"1","msg_type":"t"}', "{}", "{}", "null"], "content is not"],
    [["<IDS|MSG>", "", '{"msg_id":"1","msg_type":"t"}', "{}", "{}", "[".repeat(1e5)], "content"],
  ] as const)("refuses %j", (texts, why) => {
    const wire = new Wire("");
    const read = () => wire.read(texts.map((text) => Buffer.from(text)));
    expect(read).toThrow(BadMessage);
    expect(read).toThrow(why);
  });
});

describe("JSON", () => {
  test("half surrogate pairs are replaced, whole ones and escapes stay", () => {
    const text = 'a\ud800b\udc00c𝒳\\ud800\\\ud800"\n';
    expect(JSON.parse(jsonOf({ text })).text).toBe('a\ufffdb\ufffdc𝒳\\ud800\\\ufffd"\n');
  });

  test("a cut halves no pair", () => {
    expect(cutAt("a𝒳", 2)).toBe(1);
    expect(cutAt("a𝒳b", 3)).toBe(3);
    expect(cutAt("ab", 5)).toBe(2);
  });
});

describe("streams", () => {
  const header = (id: string) => ({ msg_id: id }) as Header;

  function streams(capped: boolean) {
    const sent: Segment[] = [];
    let released = 0;
    const made = new Streams({
      send: (segment) => {
        sent.push(segment);
        released += segment.weight;
      },
      release: (weight) => {
        released += weight;
      },
    });
    if (capped) made.cap();
    const text = () => sent.map((segment) => segment.text).join("");
    return { made, sent, text, released: () => released };
  }

  test("text of one stream and parent merges, order between streams stays", () => {
    const { made, sent } = streams(false);
    for (const [name, id] of [
      ["stdout", "a"],
      ["stdout", "a"],
      ["stderr", "a"],
      ["stdout", "b"],
    ] as const)
      made.add(name, header(id), "x", 1);
    made.flush();
    expect(sent.map(({ name, parent, text }) => [name, parent?.msg_id, text])).toEqual([
      ["stdout", "a", "xx"],
      ["stderr", "a", "x"],
      ["stdout", "b", "x"],
    ]);
  });

  test("many turns between streams make few messages", () => {
    const { made, sent, text } = streams(false);
    for (let i = 0; i < 10_000; i++) made.add(i % 2 ? "stdout" : "stderr", undefined, "x", 1);
    made.flush();
    expect(sent.length).toBeLessThan(10);
    expect(text()).toHaveLength(10_000);
  });

  test("messages are small, and every weight is given back", () => {
    const { made, sent, text, released } = streams(false);
    const long = "0123456789é𝒳".repeat(300_000);
    made.add("stdout", undefined, long, long.length);
    made.flush();
    expect(text()).toBe(long);
    for (const segment of sent) expect(Buffer.byteLength(segment.text)).toBeLessThan(2 ** 20);
    expect(released()).toBe(long.length);
  });

  test.each(["x", "\0", "é"])("under Jupyter Server a cell sends the ends of much %j", (letter) => {
    const { made, sent, text, released } = streams(true);
    const cell = header("cell");
    made.begin(cell);
    const line = `${letter.repeat(99)}\n`;
    let printed = 0;
    for (let i = 0; i < 100_000; i++) {
      made.add("stdout", cell, `${i} ${line}`, 100);
      printed += `${i} ${line}`.length;
    }
    const head = sent.length;
    made.end();
    expect(head).toBeGreaterThan(0);
    const [notice, omitted] = /\[([\d,]+) characters of output were left out here\]\n/.exec(
      text(),
    )!;
    const note = /\n\[Too much output .* when the cell ends\]\n/.exec(text())![0];
    const kept = text().replace(`\n${notice}`, "").replace(note, "");
    expect(kept.length + Number(omitted!.replaceAll(",", ""))).toBe(printed);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(1.2e6);
    expect(kept.startsWith("0 ")).toBe(true);
    expect(kept.endsWith(`99999 ${line}`)).toBe(true);
    expect(released()).toBe(100_000 * 100);
  });

  describe("under Jupyter Server", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
    afterEach(() => void vi.useRealTimers());
    const cell = header("cell");
    const kilobyte = "x".repeat(1024);

    test("what a cell prints slowly comes whole, and at once", () => {
      const { made, text } = streams(true);
      made.begin(cell);
      for (let second = 1; second <= 1000; second++) {
        vi.advanceTimersByTime(1000);
        for (let i = 0; i < 10; i++) made.add("stdout", cell, kilobyte, 1);
        made.flush();
        expect(text().length).toBe(second * 10 * kilobyte.length);
      }
    });

    test("what is held back comes before the cell's error, once", () => {
      const { made, text } = streams(true);
      made.begin(cell);
      for (let i = 0; i < 600; i++) made.add("stdout", cell, kilobyte, 1);
      made.add("stdout", cell, "farewell\n", 1);
      made.flush();
      expect(text().includes("Too much output")).toBe(true);
      expect(text().includes("farewell")).toBe(false);
      made.settle(header("another"));
      expect(text().includes("farewell")).toBe(false);
      made.settle(cell);
      expect(text().endsWith("farewell\n")).toBe(true);
      made.add("stdout", cell, "more\n", 1);
      made.settle(cell);
      expect(text().includes("more")).toBe(false);
      made.end();
      expect(text().endsWith("more\n")).toBe(true);
    });

    test("a cell that clears its output goes on showing it", () => {
      const { made, sent } = streams(true);
      made.begin(cell);
      for (let turn = 0; turn < 500; turn++) {
        vi.advanceTimersByTime(500);
        made.clear();
        for (let i = 0; i < 20; i++) made.add("stdout", cell, kilobyte, 1);
        made.flush();
      }
      const shown = sent.reduce((sum, segment) => sum + segment.text.length, 0);
      expect(shown).toBe(500 * 20 * kilobyte.length);
    });
  });

  test("another cell has an allowance of its own", () => {
    const { made, text } = streams(true);
    for (const id of ["a", "b"]) {
      made.begin(header(id));
      made.add("stdout", header(id), "x".repeat(500_000), 1);
      made.end();
    }
    expect(text()).toHaveLength(1_000_000);
  });
});

describe("connection", () => {
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };

  test.each([
    [{ ip: "127.0.0.1" }, "tcp://127.0.0.1:1"],
    [{ ip: "::1", transport: "tcp" }, "tcp://[::1]:1"],
    [{ ip: "/tmp/k", transport: "ipc" }, "ipc:///tmp/k-1"],
  ])("%j listens at %s", (fields, address) => {
    expect(connectionOf({ ...ports, ...fields }).addresses.shell).toBe(address);
  });

  test.each([
    [null, "JSON object"],
    [{ ...ports, transport: "udp" }, 'transport "udp"'],
    [{ ...ports, hb_port: 0 }, "hb_port is 0"],
    [{ ...ports, hb_port: 1 }, "same port"],
    [{ ...ports, hb_port: undefined }, "hb_port is missing"],
    [{ ...ports, transport: "ipc" }, "ip is empty"],
    [{ ...ports, key: 5 }, "key is 5"],
    [{ ...ports, key: "k", signature_scheme: "hmac-md5" }, "signature_scheme"],
    [{ ...ports, curve_publickey: "x".repeat(40) }, "both"],
  ])("%j is refused", (fields, why) => {
    expect(() => connectionOf(fields)).toThrow(why);
  });
});
