import type { Step } from "../step";

/** Everything a machine needs after the npm packages, in the order in which it is made. */
export const steps: readonly Step[] = [];
