import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { HostTensor, ParameterMap } from "../engine";
import { formatConfig, parseConfig } from "./config";
import { encoderShapes, isHead, poolerShapes } from "./layout";
import { readSafetensors, writeSafetensors } from "./safetensors";
import { loadTokenizer } from "./tokenizer";
import type { EncoderConfig, Pretrained } from "./types";

const tokenizerFiles = ["tokenizer.json", "vocab.txt", "tokenizer_config.json"];

/**
 * Loads an encoder from a Hugging Face folder: `config.json`, `model.safetensors` and `tokenizer.json` or `vocab.txt`.
 * Names may carry the prefix `bert.` or not; the pooler may be absent; a task head in the file (`cls.`, `classifier.`)
 * is left out, since every run starts its own.
 *
 * @param name what tables and records call it; default: the folder's own name.
 * @throws naming the file and every tensor that is missing, unknown or of another shape.
 */
export function loadPretrained(
  folder: string,
  name = path.basename(path.resolve(folder)),
): Pretrained {
  const find = (file: string) => {
    const where = path.join(folder, file);
    if (!existsSync(where))
      throw new Error(
        `${where} is missing; expected a Hugging Face folder with config.json, model.safetensors and tokenizer.json or vocab.txt`,
      );
    return where;
  };
  const configFile = find("config.json");
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(configFile, "utf8"));
  } catch (error) {
    throw new Error(`${configFile}: not JSON (${error instanceof Error ? error.message : error})`);
  }
  const config = parseConfig(json, configFile);
  const weights = find("model.safetensors");
  const tokenizer = loadTokenizer(folder);
  if (tokenizer.size > config.vocabSize)
    throw new Error(
      `${folder}: the vocabulary has ${tokenizer.size} entries, but config.json a vocab_size of ${config.vocabSize}; the files do not belong together`,
    );
  const tokenizers = tokenizerFiles.map((file) => path.join(folder, file)).filter(existsSync);
  return {
    name,
    folder,
    config,
    parameters: encoderParameters(weights, config),
    tokenizer,
    fingerprint: fingerprint([configFile, weights, ...tokenizers]),
  };
}

/** Of the contents of files, piece by piece: weights are large. */
function fingerprint(files: readonly string[]): string {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(2 ** 20);
  for (const file of files) {
    const descriptor = openSync(file, "r");
    try {
      hash.update(`${fstatSync(descriptor).size}\n`);
      let read = readSync(descriptor, piece);
      for (; read > 0; read = readSync(descriptor, piece)) hash.update(piece.subarray(0, read));
    } finally {
      closeSync(descriptor);
    }
  }
  return hash.digest("hex");
}

/** Buffers that older versions of transformers wrote, and heads of other tasks. */
const isExtra = (name: string) =>
  name.endsWith(".position_ids") || name.startsWith("cls.") || name.startsWith("classifier.");

function encoderParameters(file: string, config: EncoderConfig): ParameterMap {
  const found = new Map<string, HostTensor>();
  for (const [name, tensor] of readSafetensors(file, (name) => !isExtra(name)))
    found.set(name.startsWith("bert.") ? name : `bert.${name}`, tensor);
  const shapes = encoderShapes(config);
  const withPooler = new Map([...shapes, ...poolerShapes(config)]);
  const expected = [...found.keys()].some(isHead) ? withPooler : shapes;
  const list = (names: string[]) =>
    `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  const extra = [...found.keys()].filter((name) => !withPooler.has(name));
  const shaped = [...expected].flatMap(([name, shape]) => {
    const tensor = found.get(name);
    return tensor && `${tensor.shape}` !== `${shape}`
      ? [`${name} is [${tensor.shape}], expected [${shape}]`]
      : [];
  });
  const faults = [
    missing.length ? `missing: ${list(missing)}` : [],
    extra.length ? `unknown: ${list(extra)}` : [],
    shaped.length ? `shapes: ${list(shaped)}` : [],
  ].flat();
  if (faults.length)
    throw new Error(
      `${file} does not fit its config.json: ${faults.join("; ")}; expected a BERT of ${config.layers} layers, ${config.hiddenSize} wide`,
    );
  return new Map([...expected.keys()].map((name) => [name, found.get(name)!]));
}

/** What the outputs of a saved classifier mean. */
export type SavedTarget =
  | { readonly kind: "classes"; readonly labels: readonly string[] }
  | { readonly kind: "score" };

/**
 * Writes a whole model as `BertForSequenceClassification` of transformers reads it, tokenizer included.
 *
 * @param parameters encoder, pooler and classifier by name, and nothing else.
 * @throws naming what is missing or what transformers has no place for.
 */
export function saveClassifier(
  folder: string,
  {
    pretrained,
    parameters,
    target,
  }: { pretrained: Pretrained; parameters: ParameterMap; target: SavedTarget },
): void {
  const { config } = pretrained;
  const labels = target.kind === "classes" ? target.labels : ["LABEL_0"];
  const shapes = new Map<string, readonly number[]>([
    ...encoderShapes(config),
    ...poolerShapes(config),
    ["classifier.weight", [labels.length, config.hiddenSize]],
    ["classifier.bias", [labels.length]],
  ]);
  const misfits = [...new Set([...shapes.keys(), ...parameters.keys()])].filter(
    (name) => `${parameters.get(name)?.shape}` !== `${shapes.get(name)}`,
  );
  if (misfits.length)
    throw new Error(
      `${folder}: BertForSequenceClassification with ${labels.length} outputs has no place for, or needs: ${misfits.join(", ")}; merge the method first, and use a head with a pooler`,
    );
  mkdirSync(folder, { recursive: true });
  const json = {
    architectures: ["BertForSequenceClassification"],
    ...formatConfig(config),
    id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    problem_type: target.kind === "classes" ? "single_label_classification" : "regression",
  };
  writeFileSync(path.join(folder, "config.json"), `${JSON.stringify(json, null, 2)}\n`);
  writeSafetensors(path.join(folder, "model.safetensors"), parameters);
  for (const file of tokenizerFiles)
    if (existsSync(path.join(pretrained.folder, file)))
      copyFileSync(path.join(pretrained.folder, file), path.join(folder, file));
}
