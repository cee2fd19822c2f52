import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StepState } from "../engine";
import { writeWhole } from "../models/files";
import { readSafetensors, writeSafetensors } from "../models/safetensors";
import type { LoopState } from "../training/loop";
import type { RunFolder } from "./store";

/** Where a run is: all that it needs to go on, dropout and order being functions of seeds and steps. */
export interface Checkpoint {
  readonly step: StepState;
  readonly loop: LoopState;
}

/** `state.json`: names the file with the tensors, so that both change at once. */
interface State {
  readonly tensors: string;
  readonly count: number;
  readonly loop: LoopState;
}

const isTensors = (name: string) => /^checkpoint-\d+\.safetensors$/.test(name);

/** Replaces the run's checkpoint; a kill at any moment leaves the old one or the new. */
export function writeCheckpoint(folder: RunFolder, { step, loop }: Checkpoint): void {
  const tensors = `checkpoint-${loop.steps}.safetensors`;
  // A slot's name has a slash, a parameter's has none.
  writeSafetensors(join(folder.path, tensors), new Map([...step.parameters, ...step.slots]));
  const state: State = { tensors, count: step.count, loop };
  writeWhole(folder.state, JSON.stringify(state));
  removeTensors(folder, tensors);
}

/**
 * The run's checkpoint, `undefined` where there is none.
 * @throws when there is one that cannot be read
 */
export function readCheckpoint(folder: RunFolder): Checkpoint | undefined {
  if (!existsSync(folder.state)) return undefined;
  const { tensors, count, loop } = readState(folder.state);
  const values = [...readSafetensors(join(folder.path, tensors))];
  return {
    step: {
      count,
      parameters: new Map(values.filter(([name]) => !name.includes("/"))),
      slots: new Map(values.filter(([name]) => name.includes("/"))),
    },
    loop,
  };
}

function readState(file: string): State {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as State;
  } catch (error) {
    throw new Error(`${file}: not JSON (${(error as Error).message})`);
  }
}

export function removeCheckpoint(folder: RunFolder): void {
  rmSync(folder.state, { force: true });
  removeTensors(folder);
}

function removeTensors(folder: RunFolder, except?: string): void {
  for (const name of readdirSync(folder.path)) {
    if (isTensors(name) && name !== except) rmSync(join(folder.path, name), { force: true });
  }
}

/**
 * Says when it is time for a checkpoint: writing them takes about a fiftieth of the time, so that little is lost
 * where little is written, and gigabytes are written seldom.
 */
export function checkpointTimer(now: () => number = () => performance.now()) {
  const share = 0.02;
  const shortest = 500;
  let next = now() + shortest;
  return {
    /** Writes if it is time. */
    maybe(write: () => void): void {
      if (now() < next) return;
      const began = now();
      write();
      const ended = now();
      next = ended + Math.max(shortest, (ended - began) / share);
    },
  };
}
