import type { LabelledFiles } from "./sources";
import type { GlueTask } from "./tasks";

/** No answer from the Hub that says anything about the files: no network, or not asked for. */
export class HubUnreachable extends Error {
  override readonly name = "HubUnreachable";
}

export async function readHub(
  _task: GlueTask,
  _options: {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly say: (line: string) => void;
  },
): Promise<LabelledFiles> {
  throw new HubUnreachable("not yet");
}
