import type { Row, TaskData } from "../glue/types";
import type { Pretrained } from "../models/types";
import type { Method } from "../peft/method";
import type { RunSpecification } from "./types";

/** All that a run is made of but the length of its budget. */
export interface Setting {
  readonly data: TaskData;
  /** The training rows used. */
  readonly rows: readonly Row[];
  readonly method: Method;
  readonly pretrained: Pretrained;
  readonly specification: Omit<RunSpecification, "budget">;
}
