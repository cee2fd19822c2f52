import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Tokenizer as Wordpieces } from "@huggingface/tokenizers";
import type { Encoding, Tokenizer } from "./types";

/**
 * The tokenizer of a Hugging Face folder, from `tokenizer.json` or else `vocab.txt` (with `do_lower_case` of
 * `tokenizer_config.json`, default true): `[CLS] text [SEP]` or `[CLS] text [SEP] pair [SEP]`, token ids equal to
 * those of Python's tokenizers.
 *
 * @throws when neither file is there, or the vocabulary lacks `[CLS]` or `[SEP]`.
 */
export function loadTokenizer(folder: string): Tokenizer {
  const settings = readJson(path.join(folder, "tokenizer_config.json")) ?? {};
  const file = path.join(
    folder,
    existsSync(path.join(folder, "tokenizer.json")) ? "tokenizer.json" : "vocab.txt",
  );
  const definition = file.endsWith(".json") ? readJson(file) : fromVocabulary(file, settings);
  if (definition === undefined)
    throw new Error(
      `${folder}: neither tokenizer.json nor vocab.txt is there; a Hugging Face folder has one of them`,
    );
  const wordpieces = new Wordpieces(definition, settings);
  const special = (token: string) => {
    const id = wordpieces.token_to_id(token);
    if (id === undefined)
      throw new Error(`${file}: no ${token} in the vocabulary; expected a BERT vocabulary`);
    return id;
  };
  const cls = special("[CLS]");
  const sep = special("[SEP]");
  const prepared = asPythonReads(definition.normalizer);
  const tokens = (text: string) =>
    wordpieces.encode(prepared(text), { add_special_tokens: false }).ids;

  let highest = 0;
  for (const id of wordpieces.get_vocab().values()) highest = Math.max(highest, id);

  return {
    size: highest + 1,
    encode(text, pair, maxTokens): Encoding {
      const room = maxTokens - (pair === undefined ? 2 : 3);
      if (room < 1)
        throw new Error(`maxTokens ${maxTokens} leaves no room for text; expected 4 or more`);
      const first = tokens(text);
      const second = pair === undefined ? [] : tokens(pair);
      const [n, m] =
        pair === undefined ? [room, 0] : longestFirst(first.length, second.length, room);
      const a = [cls, ...first.slice(0, n), sep];
      const b = pair === undefined ? [] : [...second.slice(0, m), sep];
      return { ids: [...a, ...b], types: [...a.map(() => 0), ...b.map(() => 1)] };
    },
  };
}

/**
 * How many tokens of each text stay when both may have `room` in all: the longer one is cut until both are equal,
 * then both; of an odd room the longer one, or else the second, keeps one more. As Python's tokenizers cut.
 */
export function longestFirst(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const shorter = Math.min(first, second, Math.floor(room / 2));
  return first > second ? [room - shorter, shorter] : [shorter, room - shorter];
}

/** CJK ideographs beyond the first 65,536 code points (the blocks that BERT's normaliser sets apart). */
const rareIdeographs =
  /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/**
 * Two differences of the JavaScript BertNormalizer from the Python one, evened out beforehand: it does not set rare
 * ideographs apart, and it lowers a capital sigma by its place in the word.
 */
function asPythonReads(normalizer: unknown): (text: string) => string {
  const { type, handle_chinese_chars, lowercase } = (normalizer ?? {}) as Json;
  if (type !== "BertNormalizer") return (text) => text;
  return (text) => {
    const apart = handle_chinese_chars ? text.replace(rareIdeographs, " $& ") : text;
    return lowercase ? apart.replaceAll("Σ", "σ") : apart;
  };
}

type Json = Record<string, unknown>;

function readJson(file: string): Json | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: not JSON (${error instanceof Error ? error.message : error})`);
  }
}

/** The `tokenizer.json` that transformers' BertTokenizer makes of a `vocab.txt`: one token a line, its id the line. */
function fromVocabulary(file: string, settings: Json): Json | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  const vocab = Object.fromEntries(lines.map((token, id) => [token, id]));
  const added = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].filter((token) => token in vocab);
  return {
    version: "1.0",
    added_tokens: added.map((content) => ({
      id: vocab[content],
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars ?? true,
      strip_accents: settings.strip_accents ?? null,
      lowercase: settings.do_lower_case ?? true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}
