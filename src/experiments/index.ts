export { canonicalJson, hashOf } from "./hash";
export * from "./types";
