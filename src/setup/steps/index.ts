import type { Step } from "../step";
import { addonStep } from "./addon";
import { environmentStep } from "./environment";
import { kernelStep } from "./kernel";
import { papermillStep } from "./papermill";
import { tensorflowStep } from "./tensorflow";
import { weightsStep } from "./weights";

/** Everything a machine needs after the npm packages, in the order in which it is made. */
export const steps: readonly Step[] = [
  environmentStep(),
  tensorflowStep(),
  addonStep(),
  weightsStep(),
  kernelStep(),
  papermillStep(),
];
