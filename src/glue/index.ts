export { DataError } from "./errors";
export { isGlueTest, readRows, submission } from "./input";
export { loadTask, subset, taskNamed } from "./load";
export { defineTask, type OwnTask, type TaskDefinition } from "./own";
export { floorScores, score } from "./score";
export type { SourceOptions } from "./sources";
export {
  fitStandardisation,
  restore,
  type Standardisation,
  standardise,
  targetsOf,
} from "./targets";
export { type GlueTask, isGlueTaskName, taskNames, tasks } from "./tasks";
export type * from "./types";
