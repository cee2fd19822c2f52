export { loadPretrained, type SavedTarget, saveClassifier } from "./checkpoint";
export { formatConfig, parseConfig } from "./config";
export { encode, type ForwardOptions, type Wanted } from "./encoder";
export { features, headTrains, initialHead, score } from "./head";
export {
  embeddingNames,
  encoderShapes,
  isHead,
  layerNames,
  poolerName,
  poolerShapes,
} from "./layout";
export { normalValues, type Random, seededRandom } from "./random";
export { readSafetensors, writeSafetensors } from "./safetensors";
export { loadTokenizer } from "./tokenizer";
export type * from "./types";
