export { loadPretrained, type SavedTarget, saveClassifier } from "./checkpoint";
export { formatConfig, parseConfig } from "./config";
export { encoderShapes, isHead } from "./layout";
export { type Random, seededRandom } from "./random";
export { parseSafetensors, readSafetensors, writeSafetensors } from "./safetensors";
export { loadTokenizer } from "./tokenizer";
export type * from "./types";
