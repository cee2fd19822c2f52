import { join } from "node:path";
import type { Device } from "../../src/engine";
import type { GlueTaskName } from "../../src/glue/types";
import {
  epochWork,
  evaluateWork,
  stepsWork,
  type TaskTexts,
  tokeniseWork,
  writeEncoder,
} from "./make-work";
import type { BenchMethod, EvaluateWork, Work } from "./work";

export const parts = ["training", "epochs", "evaluation", "tokenising"] as const;
export type Part = (typeof parts)[number];

/** Programs that do a piece of work: PyTorch op by op and through torch.compile, others, and ours. */
export type Side = "eager" | "compiled" | "onnxruntime" | "tokenizers" | "float32" | "peftlab";

/** Whom we are compared with: the best of its sides, for time and for memory each. */
export interface Peer {
  readonly name: string;
  readonly sides: readonly Side[];
  /** Expected: times as fast at least, times the memory at most. */
  readonly speed: number;
  readonly memory?: number;
}

/** What the figures of a part are called, in `data/bench` and in pages. */
export const figuresOf = (part: Part, device: Device["kind"]): string =>
  device === "gpu" ? `${part}-gpu` : part;

/** A row of a table. */
export interface Comparison {
  readonly name: string;
  readonly label: string;
  /** What the times are of. */
  readonly unit: "step" | "pass";
  readonly peers: readonly Peer[];
  /** How far what the sides compute may be apart, see `Measurement.check`. */
  readonly tolerance: number;
  /** @param batch rows a batch, of sides that chose by the trial */
  work(repetition: number, batch?: number): Work;
  /** Takes one pass with each of its sizes of batches, so that a peer is measured with its fastest. */
  readonly trial?: EvaluateWork;
}

export interface Amounts {
  readonly repetitions: number;
  /** Steps before the clock starts, and on it. */
  readonly warmup: number;
  readonly steps: number;
  /** Which of them both sides compute on. */
  readonly device: Device["kind"];
}

/** What is expected beside PyTorch on a processor; on a graphics card as much as PyTorch, in each row. */
const pytorchOn =
  (device: Device["kind"]) =>
  (speed: number, memory?: number): Peer => ({
    name: "PyTorch",
    sides: ["eager", "compiled"],
    speed: device === "gpu" ? 1 : speed,
    ...(memory !== undefined && { memory }),
  });
/** Losses of different dropout masks over a few steps. */
const losses = 0.25;
const logits = 1e-3;

export const methodLabels: Readonly<Record<BenchMethod, string>> = {
  full: "full fine-tuning",
  bitfit: "BitFit",
  lora: "LoRA (r 8)",
  houlsby: "Houlsby adapters",
  pfeiffer: "Pfeiffer adapters",
  "head-only": "head only, on kept features",
  top: "upper layers",
};
export const taskLabels: Readonly<Record<GlueTaskName, string>> = {
  mrpc: "MRPC",
  cola: "CoLA",
  stsb: "STS-B",
};

/** BERT-base with MiniLM's vocabulary, which is BERT's own. */
const base = { layers: 12, hiddenSize: 768, heads: 12, intermediateSize: 3072 };

/**
 * Training steps.
 *
 * @param folder where the encoder of BERT-base's shape is written
 */
export function trainingComparisons(
  { warmup, steps, device }: Omit<Amounts, "repetitions">,
  folder: string,
): Comparison[] {
  const pytorch = pytorchOn(device);
  const method = (method: BenchMethod, peer: Peer): Comparison => {
    const work = stepsWork({ method, warmup, steps, device });
    const label = methodLabels[method];
    return {
      name: method,
      label,
      unit: "step",
      peers: [peer],
      tolerance: losses,
      work: () => work,
    };
  };
  const rounded = (
    precision: "tf32" | "bfloat16",
    method: "full" | "bitfit",
    speed: number,
  ): Comparison => {
    const work = stepsWork({ method, warmup, steps, device, precision });
    const float32: Peer = { name: "our float32", sides: ["float32"], speed: 1.4 };
    return {
      name: `${precision}-${method}`,
      label: `${precision === "tf32" ? "TF32" : precision}, ${methodLabels[method]}`,
      unit: "step",
      peers: [pytorch(speed, 1), ...(device === "cpu" ? [float32] : [])],
      tolerance: losses,
      work: () => work,
    };
  };
  return [
    method("full", pytorch(2.2, 1)),
    ...(["bitfit", "lora", "houlsby", "pfeiffer"] as const).map((name) =>
      method(name, pytorch(2, 1)),
    ),
    method("head-only", pytorch(20)),
    ...(device === "gpu" ? [rounded("tf32", "full", 1)] : []),
    rounded("bfloat16", "full", 1.6),
    rounded("bfloat16", "bitfit", 1.4),
    {
      name: "bert-base",
      label: "BERT-base, full fine-tuning",
      unit: "step",
      peers: [pytorch(1.5, 1)],
      tolerance: losses,
      // A step is so long that few of them do.
      work: once(() =>
        stepsWork({
          model: writeEncoder(join(folder, "bert-base"), base),
          ...{ batch: 8, tokens: 128, device },
          warmup: Math.ceil(warmup / 2),
          steps: Math.ceil(steps / 2),
        }),
      ),
    },
  ];
}

/** Part of an epoch a repetition, so that the repetitions together make at most one epoch. */
export function epochComparisons(
  texts: readonly TaskTexts[],
  { repetitions, steps, device }: Amounts,
): Comparison[] {
  return texts.map((task) => ({
    name: `epoch-${task.task}`,
    label: `${taskLabels[task.task]}, from texts on`,
    unit: "step",
    peers: [pytorchOn(device)(2, 1)],
    tolerance: losses,
    work: (part) => epochWork(task, { part, parts: repetitions, most: steps, device }),
  }));
}

export function evaluationComparisons(
  texts: readonly TaskTexts[],
  { passes, device }: { passes: number } & Pick<Amounts, "device">,
): Comparison[] {
  const onnxruntime: Peer = {
    ...{ name: "onnxruntime", sides: ["onnxruntime"] },
    ...{ speed: 1.5, memory: 1 },
  };
  return texts.map((task) => ({
    name: `evaluate-${task.task}`,
    label: `${taskLabels[task.task]} dev, ${task.dev.length} rows`,
    unit: "pass",
    peers: [
      pytorchOn(device)(1.5, 1),
      // Its pinned build computes on the processor.
      ...(device === "cpu" ? [onnxruntime] : []),
    ],
    tolerance: logits,
    // A quarter of the rows is enough to tell.
    trial: evaluateWork(
      { ...task, dev: task.dev.filter((_, at) => at % 4 === 0) },
      { batches: device === "cpu" ? [8, 32, 64] : [64, 256, 1024], passes: 1, device },
    ),
    work: (_, batch = 64) => evaluateWork(task, { batches: [batch], passes, device }),
  }));
}

export function tokenisingComparison(texts: readonly TaskTexts[], passes: number): Comparison {
  const work = tokeniseWork(texts, passes);
  return {
    name: "tokenise",
    label: `train files of ${texts.map(({ task }) => taskLabels[task]).join(", ")}: ${work.rows.length} rows`,
    unit: "pass",
    peers: [{ name: "tokenizers, one thread", sides: ["tokenizers"], speed: 0.5 }],
    tolerance: 0,
    work: () => work,
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
