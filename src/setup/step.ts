/** One thing that a machine needs. `isDone` is cheap (a few files are looked at) and never throws. */
export interface Step {
  readonly name: string;
  /** What it brings, in a few words for the user. */
  readonly describes: string;
  /** Bytes to download, and bytes on disk while it works. */
  readonly download: number;
  readonly disk: number;
  isDone(): boolean;
  /** Does the step from whatever state an earlier, interrupted attempt left. Throws SetupError. */
  run(): Promise<void>;
}
