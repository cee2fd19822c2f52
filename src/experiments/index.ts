export { canonicalJson, hashOf } from "./hash";
export { defaults, headKinds, precisions } from "./options";
export { openRun } from "./run";
export { findRecord, readRecord, runFolder, storedHashes } from "./store";
export { train } from "./train";
export * from "./types";
