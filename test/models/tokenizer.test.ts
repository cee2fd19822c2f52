import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { loadTokenizer } from "../../src/models";
import { minilmFolder, root } from "../../src/setup/paths";
import { realGlue } from "../glue/real";

const fixture = (name: string) =>
  JSON.parse(readFileSync(path.join(root, "test/fixtures/models", name), "utf8"));

interface Row {
  text: string;
  pair: string | null;
  maxTokens: number;
  ids: number[];
  types: number[];
}
const rows: Row[] = fixture("tokens.json").rows;

/** A folder of the packaged encoder's that has no tokenizer.json. */
function vocabularyOnly(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "peftlab-vocab-"));
  copyFileSync(path.join(minilmFolder, "vocab.txt"), path.join(folder, "vocab.txt"));
  return folder;
}

describe.each([
  ["tokenizer.json", minilmFolder],
  ["vocab.txt", vocabularyOnly()],
])("from %s", (_, folder) => {
  const tokenizer = loadTokenizer(folder);

  test("token ids equal Python's: accents, ideographs, emoji, quotes, control characters, long pairs", () => {
    expect(rows.length).toBeGreaterThan(100);
    for (const { text, pair, maxTokens, ids, types } of rows) {
      const encoding = tokenizer.encode(text, pair ?? undefined, maxTokens);
      expect({ text, pair, maxTokens, ...encoding }).toEqual({ text, pair, maxTokens, ids, types });
    }
  });
});

// GLUE's text is nowhere in this project, only hashes of Python's token ids.
const columns: Record<string, { of: number[]; header: boolean }> = {
  "CoLA/train.tsv": { of: [3], header: false },
  "CoLA/dev.tsv": { of: [3], header: false },
  "CoLA/test.tsv": { of: [1], header: true },
  ...Object.fromEntries(
    ["train", "dev", "test"].map((s) => [`MRPC/${s}.tsv`, { of: [3, 4], header: true }]),
  ),
  ...Object.fromEntries(
    ["train", "dev", "test"].map((s) => [`STS-B/${s}.tsv`, { of: [7, 8], header: true }]),
  ),
};

describe.runIf(realGlue)("on GLUE", () => {
  const tokenizer = loadTokenizer(minilmFolder);
  const expected: Record<string, { rows: number; sha256: string }> = fixture("glue-ids.json").files;

  test.each(Object.entries(columns))(
    "token ids of every row of %s equal Python's",
    (file, { of, header }) => {
      const lines = readFileSync(path.join(realGlue!, file), "utf8").split("\n").filter(Boolean);
      const cells = lines.slice(header ? 1 : 0).map((line) => line.split("\t"));
      for (const maxTokens of [128, 24]) {
        const hash = createHash("sha256");
        for (const row of cells) {
          const { ids, types } = tokenizer.encode(
            row[of[0]!]!,
            of[1] === undefined ? undefined : row[of[1]]!,
            maxTokens,
          );
          hash.update(`${ids.join(" ")}\t${types.join(" ")}\n`);
        }
        expect({ rows: cells.length, sha256: hash.digest("hex") }).toEqual(
          expected[`${file} ${maxTokens}`],
        );
      }
    },
  );
});

describe("refuses", () => {
  const empty = mkdtempSync(path.join(tmpdir(), "peftlab-empty-"));

  test("a folder without a vocabulary", () => {
    expect(() => loadTokenizer(empty)).toThrow(/neither tokenizer\.json nor vocab\.txt/);
  });

  test("a vocabulary that is not BERT's", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "peftlab-words-"));
    writeFileSync(path.join(folder, "vocab.txt"), "[PAD]\n[UNK]\n<s>\n</s>\n");
    expect(() => loadTokenizer(folder)).toThrow(/vocab\.txt: no \[CLS\] in the vocabulary/);
  });

  test("a tokenizer.json that is cut short", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "peftlab-cut-"));
    writeFileSync(path.join(folder, "tokenizer.json"), '{"model": {');
    expect(() => loadTokenizer(folder)).toThrow(/tokenizer\.json: not JSON/);
  });

  test("a length without room for text", () => {
    expect(() => loadTokenizer(minilmFolder).encode("a", "b", 3)).toThrow(/leaves no room/);
  });
});
