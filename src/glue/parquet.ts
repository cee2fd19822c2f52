import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError, excerpt } from "./errors";
import { targetField, textField } from "./fields";
import { digits, type LabelledRow } from "./files";
import type { GlueTask } from "./tasks";

/** Rows of a Parquet file as the Hub has GLUE: `sentence`, or `sentence1` and `sentence2`, then `label`. */
export async function readParquet(
  bytes: Buffer,
  task: GlueTask,
  split: "train" | "dev",
  file: string,
): Promise<LabelledRow[]> {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  let records: Record<string, unknown>[];
  try {
    records = await parquetReadObjects({ file: buffer as ArrayBuffer, compressors });
  } catch (cause) {
    throw new DataError(file, undefined, `no readable Parquet file (${(cause as Error).message})`);
  }
  return records.map((record, index) => {
    const line = index + 1;
    const text = (column: string) => {
      const value = record[column];
      if (typeof value !== "string")
        throw new DataError(file, line, `${column} is ${excerpt(String(value))}, expected a text`);
      return textField(value, column, file, line);
    };
    const target = targetField(label(record.label), task, "label", file, line, digits);
    if (!task.pair) return { text: text("sentence"), target };
    const genre = task.name === "stsb" && split === "train" ? { genre: stsbGenre(index) } : {};
    return { text: text("sentence1"), pair: text("sentence2"), target, ...genre };
  });
}

/** Classes come as 64-bit integers, scores as 32-bit floats: the shortest decimal that rounds to the same float is meant. */
function label(value: unknown): string {
  if (typeof value !== "number") return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = value.toPrecision(digits);
    if (Math.fround(Number(short)) === Math.fround(value)) return short;
  }
  return String(value);
}

/** The Hub leaves out STS-B's genre; its train rows stand in this order. */
function stsbGenre(row: number): string {
  if (row < 2000) return "main-captions";
  return row < 2450 ? "main-forum" : "main-news";
}
