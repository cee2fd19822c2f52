import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { dataFolder, root, sampleFolder } from "../setup/paths";
import { checkCounts, type LabelledRow, readLabelled } from "./files";
import { HubUnreachable, readHub } from "./hub";
import type { GlueTask } from "./tasks";
import type { DataSource } from "./types";

export interface SourceOptions {
  /** Where `PEFTLAB_GLUE`, `HF_ENDPOINT` and `HF_HUB_OFFLINE` are read; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The folder looked into and downloaded to when `PEFTLAB_GLUE` is not set; `data/glue` unless given. */
  readonly folder?: string;
  /** Told of downloads and of what is used instead; standard error unless given. */
  readonly say?: (line: string) => void;
}

/** GLUE's two labelled files, or the sample corpus's. */
export interface LabelledFiles {
  readonly source: DataSource;
  readonly train: readonly LabelledRow[];
  readonly dev: readonly LabelledRow[];
}

/**
 * A task's rows from the first of: the folder in `PEFTLAB_GLUE` (relative to the project folder; no other then),
 * `data/glue`, the Hugging Face Hub, the sample corpus. Throws where a source is there but wrong: only an unreachable Hub leads on to the sample.
 */
export async function readGlue(
  task: GlueTask,
  options: SourceOptions = {},
): Promise<LabelledFiles> {
  const environment = options.environment ?? process.env;
  const say = options.say ?? ((line) => process.stderr.write(`${line}\n`));

  const named = environment.PEFTLAB_GLUE;
  if (named) {
    const folder = join(resolve(root, named), task.folder);
    for (const file of ["train.tsv", "dev.tsv"])
      if (!existsSync(join(folder, file)))
        throw new Error(
          `PEFTLAB_GLUE is ${named}, but there is no ${join(folder, file)}. ` +
            "Name the folder that holds MRPC, CoLA and STS-B, or unset it",
        );
    return readLocal(task, folder);
  }
  const folder = options.folder ?? join(dataFolder, "glue");
  if (existsSync(join(folder, task.folder, "train.tsv")))
    return readLocal(task, join(folder, task.folder));
  try {
    return await readHub(task, { folder: join(folder, "hub"), environment, say });
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    if (!error.told)
      say(`${task.folder}: ${error.message}; using the sample corpus in ${fromRoot(sampleFolder)}`);
    return readSample(task);
  }
}

async function readLocal(task: GlueTask, folder: string): Promise<LabelledFiles> {
  const read = async (split: "train" | "dev") => {
    const file = join(folder, `${split}.tsv`);
    const rows = await readLabelled(file, task);
    checkCounts(rows, task, split, file);
    return rows;
  };
  const source = { kind: "local", from: fromRoot(folder) } as const;
  return { source, train: await read("train"), dev: await read("dev") };
}

/** The project's own corpus in GLUE's formats. */
export async function readSample(task: GlueTask): Promise<LabelledFiles> {
  const folder = join(sampleFolder, task.folder);
  const source = { kind: "sample", from: fromRoot(folder) } as const;
  const read = (split: string) => readLabelled(join(folder, `${split}.tsv`), task);
  return { source, train: await read("train"), dev: await read("dev") };
}

/** A path as people write it from the project folder, so that records do not carry a machine's own. */
function fromRoot(path: string): string {
  return relative(root, path) || ".";
}
