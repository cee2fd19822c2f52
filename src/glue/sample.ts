import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { layouts } from "./files";
import { seeded } from "./random";
import { judgedSentences } from "./sample-cola";
import { paraphrasePairs } from "./sample-mrpc";
import { gradedPairs } from "./sample-stsb";

/** Rows of each task's files. */
export const sampleRows = { train: 1000, dev: 200 } as const;

/** The sample corpus: file names below `data/sample` and their contents, the same on every machine. */
export function sampleFiles(): Map<string, string> {
  const files = new Map<string, string>();
  const add = (
    folder: string,
    write: (split: "train" | "dev", seen: Set<string>) => string[][],
  ) => {
    // No sentence of train stands in dev.
    const seen = new Set<string>();
    for (const split of ["train", "dev"] as const) {
      const lines = write(split, seen).map((cells) => `${cells.join("\t")}\n`);
      files.set(`${folder}/${split}.tsv`, lines.join(""));
    }
  };
  add("CoLA", (split, seen) =>
    judgedSentences(seeded(`sample cola ${split}`), sampleRows[split], 0.6, seen).map(
      ({ text, acceptable, rule }) => [
        `sample-${rule}`,
        acceptable ? "1" : "0",
        acceptable ? "" : "*",
        text,
      ],
    ),
  );
  add("MRPC", (split, seen) => [
    [...layouts.mrpc.header!],
    ...paraphrasePairs(seeded(`sample mrpc ${split}`), sampleRows[split], 0.62, seen).map(
      ({ texts, equivalent }, row) => [
        equivalent ? "1" : "0",
        `${2 * row + 1}`,
        `${2 * row + 2}`,
        ...texts,
      ],
    ),
  ]);
  add("STS-B", (split, seen) => [
    [...layouts.stsb.header!],
    ...gradedPairs(seeded(`sample stsb ${split}`), sampleRows[split], seen).map(
      ({ texts, score, domain }, row) => [
        `${row}`,
        `sample-${domain}`,
        "sample",
        "generated",
        `${row}`.padStart(4, "0"),
        "none",
        "none",
        ...texts,
        score.toFixed(3),
      ],
    ),
  ]);
  return files;
}

export async function writeSample(folder: string): Promise<void> {
  for (const [name, text] of sampleFiles()) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
