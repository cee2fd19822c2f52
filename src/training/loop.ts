import { setImmediate as nextTurn } from "node:timers/promises";
import type { Feed, Step, Update } from "../engine";
import type { Scores } from "../glue/types";
import { linearSchedule } from "./schedule";

/** One point of a learning curve. */
export interface CurvePoint {
  /** Steps taken. */
  readonly step: number;
  /** Passes over the training rows so far. */
  readonly epoch: number;
  /** Seconds of training steps so far. */
  readonly seconds: number;
  /** Mean training loss since the point before. */
  readonly loss: number;
  /** Of the last step. */
  readonly learningRate: number;
  /** Scores on the validation part, at the points where it was scored. */
  readonly validation?: Scores;
}

/** How far a loop is; with the step's own state, all that is needed to go on from there. */
export interface LoopState {
  /** Steps taken. */
  readonly steps: number;
  /** Seconds of training steps. */
  readonly seconds: number;
  /** Losses since the last point of the curve. */
  readonly pending: { readonly sum: number; readonly count: number };
  readonly curve: readonly CurvePoint[];
}

export const startOfLoop: LoopState = {
  steps: 0,
  seconds: 0,
  pending: { sum: 0, count: 0 },
  curve: [],
};

export interface Loop {
  readonly step: Step;
  /** Planned steps; the schedule ends with them. */
  readonly steps: number;
  /** Steps of one pass over the training rows. */
  readonly stepsPerEpoch: number;
  /** The batch of a 0-based step. */
  batchAt(step: number): Feed;
  /** Peak. */
  readonly learningRate: number;
  /** Share of the steps spent warming up. */
  readonly warmup: number;
  /** Of dropout. */
  readonly seed: number;
  /** Times the validation part is scored, evenly spaced and ending with the last step. */
  readonly evaluations: number;
  evaluate(): Promise<Scores>;
  /** Told after every step; `point` where the curve got one. */
  onStep(state: LoopState, loss: number, point: CurvePoint | undefined): void;
  /** Told after every call of the step, when the step's own state is that of the loop. */
  onCall(state: LoopState): void;
  /** Steps taken in one call: nothing else happens meanwhile, and a GPU's losses come back together. */
  readonly stepsAtOnce: number;
  /** Stops before the next call. */
  readonly signal?: AbortSignal | undefined;
}

/** How a loop ended. Diverged: a loss or a prediction was NaN or infinite. */
export interface LoopEnd {
  readonly status: "finished" | "diverged" | "stopped";
  readonly state: LoopState;
}

/** A model whose outputs are NaN or infinite. */
export class DivergenceError extends Error {}

/** Points of a curve besides the evaluations. */
const points = 40;

/**
 * Trains from `start` to the planned end. Gives way to other work after each call of the step, so that a notebook
 * stays alive and can stop it.
 */
export async function runLoop(loop: Loop, start: LoopState = startOfLoop): Promise<LoopEnd> {
  let state = start;
  while (state.steps < loop.steps) {
    await nextTurn();
    if (loop.signal?.aborted) return { status: "stopped", state };

    const updates = nextUpdates(loop, state.steps);
    const began = performance.now();
    const losses = loop.step.trainMany(updates);
    const each = (performance.now() - began) / 1000 / updates.length;
    for (const [at, loss] of losses.entries()) {
      const { learningRate } = updates[at]!;
      const seconds = state.seconds + each;
      const pending = { sum: state.pending.sum + loss, count: state.pending.count + 1 };
      state = { ...state, steps: state.steps + 1, seconds, pending };
      if (!Number.isFinite(loss)) return { status: "diverged", state };

      let point: CurvePoint | undefined;
      const evaluates = isNth(state.steps, loop.steps, loop.evaluations);
      if (evaluates || isNth(state.steps, loop.steps, points)) {
        const scores = evaluates ? await validate(loop) : undefined;
        if (scores === "diverged") return { status: "diverged", state };
        point = {
          step: state.steps,
          epoch: state.steps / loop.stepsPerEpoch,
          seconds,
          loss: pending.sum / pending.count,
          learningRate,
          ...(scores && { validation: scores }),
        };
        state = { ...state, pending: startOfLoop.pending, curve: [...state.curve, point] };
      }
      loop.onStep(state, loss, point);
    }
    loop.onCall(state);
  }
  return { status: "finished", state };
}

/** The steps from `start` to take in one call: `stepsAtOnce`, or up to where the validation part is scored. */
function nextUpdates(loop: Loop, start: number): Update[] {
  const updates: Update[] = [];
  for (let at = start; at < loop.steps && updates.length < loop.stepsAtOnce; at++) {
    const learningRate = loop.learningRate * linearSchedule(at, loop.steps, loop.warmup);
    updates.push({ feed: loop.batchAt(at), learningRate, seed: loop.seed });
    if (isNth(at + 1, loop.steps, loop.evaluations)) break;
  }
  return updates;
}

async function validate(loop: Loop): Promise<Scores | "diverged"> {
  try {
    return await loop.evaluate();
  } catch (error) {
    if (error instanceof DivergenceError) return "diverged";
    throw error;
  }
}

/** Whether `step` is one of `times` evenly spaced steps that end with `steps`. */
function isNth(step: number, steps: number, times: number): boolean {
  return Math.floor((step * times) / steps) > Math.floor(((step - 1) * times) / steps);
}
