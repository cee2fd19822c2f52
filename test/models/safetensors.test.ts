import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/models";

const folder = mkdtempSync(path.join(tmpdir(), "peftlab-safetensors-"));

/** A file by the format's own description, made without the code under test. */
function file(
  entries: Record<string, { dtype: string; shape: number[]; bytes: Uint8Array }>,
): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(entries)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(entries).map((e) => e.bytes)]);
}
/** Where such a file was written. */
function written(name: string, contents: Buffer): string {
  const where = path.join(mkdtempSync(path.join(tmpdir(), "peftlab-safetensors-")), name);
  writeFileSync(where, contents);
  return where;
}
const bytes = (values: Float32Array | Uint16Array) => new Uint8Array(values.buffer);
const floats = { dtype: "F32", shape: [2, 2], bytes: bytes(Float32Array.of(1, -2, 3.5, 1e-30)) };

test("reads F32, F16 and BF16 as float32", () => {
  const read = readSafetensors(
    written(
      "model.safetensors",
      file({
        full: floats,
        // 1, -2, the smallest subnormal, the largest finite, infinity, NaN.
        half: {
          dtype: "F16",
          shape: [6],
          bytes: bytes(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00)),
        },
        brain: { dtype: "BF16", shape: [3], bytes: bytes(Uint16Array.of(0x3f80, 0xc049, 0x7f80)) },
      }),
    ),
  );
  expect(read.get("full")).toEqual({ shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-30) });
  expect([...read.get("half")!.data]).toEqual([
    1,
    -2,
    2 ** -24,
    65504,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
  expect([...read.get("brain")!.data]).toEqual([1, -3.140625, Number.POSITIVE_INFINITY]);
});

test("writes what it reads, scalars and empty tensors included, and leaves no draft behind", () => {
  const target = path.join(folder, "delta.safetensors");
  const tensors = new Map([
    ["bert.ä.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ["scalar", { shape: [], data: Float32Array.of(7) }],
    ["empty", { shape: [0, 4], data: new Float32Array() }],
  ]);
  writeSafetensors(target, tensors);
  expect(readSafetensors(target)).toEqual(tensors);
  expect(readdirSync(folder)).toEqual(["delta.safetensors"]);
  expect(readFileSync(target).readBigUInt64LE(0) % 8n).toBe(0n);
});

test("skips what is not kept, whatever its type", () => {
  const contents = file({
    ids: { dtype: "I64", shape: [1], bytes: new Uint8Array(8) },
    full: floats,
  });
  const target = written("f.safetensors", contents);
  expect([...readSafetensors(target, (name) => name !== "ids").keys()]).toEqual(["full"]);
  expect(() => readSafetensors(target)).toThrow(
    /f\.safetensors: tensor ids has type I64, expected F32/,
  );
});

test.each<[string, Buffer, RegExp]>([
  ["an empty file", Buffer.alloc(0), /m\.safetensors: 0 bytes/],
  ["a web page", Buffer.from("<!DOCTYPE html><html></html>"), /not a safetensors file/],
  [
    "a pointer file",
    Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
    /not a safetensors file/,
  ],
  ["half a header", file({ full: floats }).subarray(0, 40), /cut short within its header/],
  ["half the data", file({ full: floats }).subarray(0, -3), /cut short: tensor full ends at byte/],
  [
    "a header that is not JSON",
    Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("abcd")]),
    /not JSON/,
  ],
  [
    "another size than the shape's",
    file({ full: { ...floats, shape: [2, 3] } }),
    /tensor full has 16 bytes, expected 24/,
  ],
  [
    "an entry without offsets",
    Buffer.concat([
      Buffer.from([25, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from('{"w":{"dtype":5,"s":[1]}}'),
    ]),
    /not a safetensors file/,
  ],
])("refuses %s", (_, contents, message) => {
  expect(() => readSafetensors(written("m.safetensors", contents))).toThrow(message);
});

test("a failed write leaves the old file as it was", () => {
  const target = path.join(folder, "kept.safetensors");
  writeFileSync(target, "old");
  const broken = { shape: [1], data: null as unknown as Float32Array };
  expect(() => writeSafetensors(target, new Map([["w", broken]]))).toThrow();
  expect(readFileSync(target, "utf8")).toBe("old");
});
