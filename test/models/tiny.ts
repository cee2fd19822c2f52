import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sizeOf } from "../../src/engine";
import type { HostTensor } from "../../src/engine/types";
import {
  encoderShapes,
  formatConfig,
  loadPretrained,
  type Pretrained,
  poolerShapes,
  seededRandom,
  writeSafetensors,
} from "../../src/models";

export const tinyConfig = {
  modelType: "bert",
  vocabSize: 105,
  hiddenSize: 32,
  layers: 2,
  heads: 4,
  intermediateSize: 128,
  maxPositions: 40,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  hiddenDropout: 0.1,
  attentionDropout: 0.1,
  padTokenId: 0,
} as const;

export const tinyVocabulary = [
  "[PAD]",
  "[UNK]",
  "[CLS]",
  "[SEP]",
  "[MASK]",
  ...Array.from({ length: 100 }, (_, i) => `word${i}`),
];

/** Random values under the names of a tiny BERT; biases and norms are random too, so that none goes unnoticed. */
export function tinyParameters({ pooler = true } = {}): Map<string, HostTensor> {
  const shapes = [...encoderShapes(tinyConfig), ...(pooler ? poolerShapes(tinyConfig) : [])];
  return new Map(
    shapes.map(([name, shape]) => {
      const random = seededRandom(3, name);
      const around = name.endsWith("LayerNorm.weight") ? 1 : 0;
      const data = Float32Array.from(
        { length: sizeOf(shape) },
        () => around + 0.15 * random.normal(),
      );
      return [name, { shape, data }];
    }),
  );
}

/** Writes a Hugging Face folder into a new temporary one; `parameters` may be other names and values. */
export function tinyFolder(parameters: ReadonlyMap<string, HostTensor> = tinyParameters()): string {
  const temporary = mkdtempSync(path.join(tmpdir(), "peftlab-models-"));
  process.once("exit", () => rmSync(temporary, { recursive: true, force: true }));
  const folder = path.join(temporary, "tiny");
  mkdirSync(folder);
  writeFileSync(path.join(folder, "config.json"), JSON.stringify(formatConfig(tinyConfig)));
  writeFileSync(path.join(folder, "vocab.txt"), tinyVocabulary.join("\n"));
  writeSafetensors(path.join(folder, "model.safetensors"), parameters);
  return folder;
}

/** A random BERT of 2 layers, 32 wide. */
export const tinyBert = (options?: { pooler?: boolean }): Pretrained =>
  loadPretrained(tinyFolder(tinyParameters(options)));
