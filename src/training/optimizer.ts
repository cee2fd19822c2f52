import type { Optimizer } from "../engine";

/** AdamW as in BERT's fine-tuning, gradients clipped to a global norm of 1. */
export const optimizer = {
  kind: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clip: 1,
} as const satisfies Optimizer;

/** Share of a run's steps in which the learning rate rises. */
export const warmup = 0.1;

/** Decoupled, of what `adapt` says decays: not of biases and layer norms. */
export const weightDecay = 0.01;
