import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { z } from "zod";
import type { HostTensor, ParameterMap } from "../engine";
import { sizeOf } from "../engine/shapes";
import { writeWhole } from "./files";

/**
 * The safetensors format (huggingface/safetensors, README): an unsigned 64-bit little-endian length, that many bytes
 * of JSON with each tensor's type, shape and byte range, and the data. Every platform that the project runs on is
 * little-endian, so data are read and written as they lie.
 */
const bytesOf: Record<string, number> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
};

const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const header = z.record(z.string(), z.union([entry, z.record(z.string(), z.string())]));

/**
 * Reads the tensors of a file as float32.
 *
 * @param keep says which names to read; others may be of any type.
 * @throws on a file that is cut short or is not safetensors, and on a kept tensor that is not F32, F16 or BF16;
 * the message names file and tensor.
 */
export function readSafetensors(
  file: string,
  keep: (name: string) => boolean = () => true,
): Map<string, HostTensor> {
  const descriptor = openSync(file, "r");
  try {
    return parse(descriptor, file, keep);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads tensor by tensor: the whole file in one buffer would stay in memory beside them for long. */
function parse(
  descriptor: number,
  file: string,
  keep: (name: string) => boolean,
): Map<string, HostTensor> {
  const { size: fileSize } = fstatSync(descriptor);
  const read = (from: number, into: Uint8Array<ArrayBuffer>) => {
    readPart(descriptor, from, into);
    return into;
  };
  if (fileSize < 8)
    throw new Error(
      `${file}: ${fileSize} bytes are no safetensors file; load or download it again`,
    );
  const length = Number(new BigUint64Array(read(0, new Uint8Array(8)).buffer)[0]);
  // A web page or a pointer file saved under this name reads as an absurd length.
  if (length > 100_000_000 || length < 2)
    throw new Error(
      `${file}: not a safetensors file (header of ${length} bytes announced); load or download it again`,
    );
  if (fileSize < 8 + length)
    throw new Error(
      `${file}: cut short within its header (${fileSize} bytes); load or download it again`,
    );
  const entries = parseHeader(
    Buffer.from(read(8, new Uint8Array(length)).buffer).toString("utf8"),
    file,
  );
  const start = 8 + length;
  const tensors = entries.map(([name, { dtype, shape, data_offsets }]) => {
    const [begin, end] = data_offsets;
    const [size, width] = [sizeOf(shape), bytesOf[dtype]];
    if (start + end > fileSize)
      throw new Error(
        `${file}: cut short: tensor ${name} ends at byte ${start + end}, the file has ${fileSize}; load or download it again`,
      );
    if (width !== undefined && end - begin !== size * width)
      throw new Error(
        `${file}: tensor ${name} has ${end - begin} bytes, expected ${size * width} for ${dtype} [${shape}]`,
      );
    return { name, dtype, shape, at: start + begin, bytes: end - begin };
  });
  const kept = tensors.filter(({ name }) => keep(name));
  const memory = new AlignedMemory(kept.map(({ bytes }) => bytes));
  return new Map(
    kept.map(({ name, dtype, shape, at, bytes }) => {
      const data = toFloat32(read(at, memory.take(bytes)), dtype, `${file}: tensor ${name}`);
      return [name, { shape, data }];
    }),
  );
}

/** TensorFlow uses memory in place that begins at a multiple of this. */
const alignment = 64;
/** Where the first multiple lies in a large buffer: glibc keeps 16 bytes of its own at the start of a page. */
const lead = process.platform === "linux" ? alignment - 16 : 0;

/** One buffer for many tensors. Where it begins otherwise than expected, TensorFlow copies what it is given. */
class AlignedMemory {
  private readonly buffer: ArrayBuffer;
  private taken = lead;

  constructor(sizes: readonly number[]) {
    this.buffer = new ArrayBuffer(lead + sizes.reduce((sum, size) => sum + rounded(size), 0));
  }

  take(size: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.buffer, this.taken, size);
    this.taken += rounded(size);
    return bytes;
  }
}

const rounded = (size: number) => Math.ceil(size / alignment) * alignment;

function readPart(descriptor: number, from: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    const read = readSync(descriptor, into, { offset: done, position: from + done });
    if (read === 0) throw new Error("a file became shorter while it was read; load it again");
    done += read;
  }
}

function parseHeader(text: string, file: string): [string, z.infer<typeof entry>][] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(
      `${file}: not a safetensors file (its header is not JSON); load or download it again`,
    );
  }
  const parsed = header.safeParse(json);
  if (!parsed.success)
    throw new Error(
      `${file}: not a safetensors file (${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message})`,
    );
  return Object.entries(parsed.data).filter(
    (item): item is [string, z.infer<typeof entry>] =>
      item[0] !== "__metadata__" && entry.safeParse(item[1]).success,
  );
}

function toFloat32(bytes: Uint8Array<ArrayBuffer>, dtype: string, what: string): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype === "F32") return new Float32Array(buffer, byteOffset, byteLength / 4);
  const halves = () => new Uint16Array(buffer, byteOffset, byteLength / 2);
  if (dtype === "BF16")
    return new Float32Array(Uint32Array.from(halves(), (half) => half << 16).buffer);
  if (dtype === "F16") return Float32Array.from(halves(), halfToNumber);
  throw new Error(
    `${what} has type ${dtype}, expected F32, F16 or BF16; convert the checkpoint to one of these`,
  );
}

/** IEEE 754 binary16. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent
    ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
    : sign * 2 ** -24 * fraction;
}

/** Writes tensors as F32, whole or not at all: a reader never sees half a file. `metadata` lies in the header. */
export function writeSafetensors(
  file: string,
  tensors: ParameterMap,
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): void {
  const json: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    json[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(json);
  // Padded with spaces so that the data begin on a multiple of eight.
  const head = Buffer.from(text + " ".repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const data = [...tensors.values()].map(
    ({ data: { buffer, byteOffset, byteLength } }) =>
      new Uint8Array(buffer, byteOffset, byteLength),
  );
  writeWhole(file, length, head, ...data);
}
