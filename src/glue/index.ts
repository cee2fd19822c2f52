export { DataError } from "./errors";
export { loadTask, subset } from "./load";
export { floorScores, score } from "./score";
export {
  fitStandardisation,
  restore,
  type Standardisation,
  standardise,
  targetsOf,
} from "./targets";
export { isGlueTaskName, taskNames, tasks } from "./tasks";
export type * from "./types";
