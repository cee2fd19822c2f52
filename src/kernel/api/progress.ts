import { progressIn } from "../progress/progress";
import type { MakeProgress, ProgressOptions } from "../progress/report";
import { terminal } from "../progress/terminal";
import { host } from "./host";

export type {
  ProgressBar,
  ProgressLoop,
  ProgressOptions,
  ProgressReport,
  ProgressValues,
} from "../progress/report";

const elsewhere = progressIn(terminal);

/**
 * A bar with rate, time left and values: `for await (const x of progress(items))`, or moved by hand. Shown below the
 * cell in a notebook, elsewhere on stderr. A bar made while another of the same cell is open is shown below that one.
 *
 * A number counts steps from `done` on. `for await` gives way to other work now and then; a plain `for` does not.
 *
 * @throws on items that cannot be counted or iterated
 */
export const progress: MakeProgress = ((items: Iterable<unknown>, options?: ProgressOptions) =>
  (host()?.progress ?? elsewhere)(items, options)) as MakeProgress;
