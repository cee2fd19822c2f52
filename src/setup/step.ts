/** One thing that a machine needs. `isDone` is cheap (a few files are looked at) and never throws. */
export interface Step {
  readonly name: string;
  /** What it brings, in one sentence for the user. */
  readonly describes: string;
  /** Roughly what is downloaded and what stays on disk. */
  readonly size: string;
  isDone(): boolean;
  /** Does the step from whatever state an earlier, interrupted attempt left. Throws SetupError. */
  run(): Promise<void>;
}
