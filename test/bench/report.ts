import { median } from "simple-statistics";
import type { Machine } from "./machine";
import { type BenchMethod, benchMethods, type Measurement, type Work } from "./work";

/** What the training benchmark is expected to show on a CPU, at least or (memory) at most. */
export const expected = {
  speed: { full: 1.8, bitfit: 1.7, lora: 1.7 },
  memory: 1.1,
} as const;

/** One process on each side, one after the other. */
export interface Repetition {
  readonly method: BenchMethod;
  readonly pytorch: Measurement;
  readonly peftlab: Measurement;
}

/** A value a repetition, and their median. */
export interface Values {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface MethodResult {
  readonly method: BenchMethod;
  readonly trainable: number;
  /** Milliseconds a step: of each process the median. */
  readonly milliseconds: { readonly pytorch: Values; readonly peftlab: Values };
  readonly peakMiB: { readonly pytorch: Values; readonly peftlab: Values };
  /** Our steps a second over PyTorch's. */
  readonly speed: Values;
  /** Our peak memory over PyTorch's. */
  readonly memory: Values;
}

/** What `data/bench/training.json` holds. */
export interface TrainingReport {
  readonly measured: string;
  readonly machine: Machine;
  /** Warning that stood at the start, or null on an idle machine. */
  readonly busy: string | null;
  readonly repetitions: number;
  readonly work: Omit<Work, "batches">;
  readonly threads: { readonly pytorch: number; readonly peftlab: number };
  readonly versions: {
    readonly pytorch: Measurement["versions"];
    readonly peftlab: Measurement["versions"];
  };
  readonly methods: readonly MethodResult[];
}

/**
 * Medians over the repetitions; ratios are taken within each, so that a machine that slows down meanwhile does not
 * count for one side.
 *
 * @throws when the two sides did not train the same number of parameters
 */
export function summarise(repetitions: readonly Repetition[]): MethodResult[] {
  return benchMethods.flatMap((method) => {
    const own = repetitions.filter((repetition) => repetition.method === method);
    if (own.length === 0) return [];
    const { trainable } = own[0]!.pytorch;
    for (const { pytorch, peftlab } of own)
      if (pytorch.trainable !== trainable || peftlab.trainable !== trainable)
        throw new Error(
          `${method}: PyTorch trains ${pytorch.trainable} parameters, peftlab ${peftlab.trainable}`,
        );
    const step = ({ milliseconds }: Measurement) => median([...milliseconds]);
    const peak = ({ peakBytes }: Measurement) => peakBytes / 2 ** 20;
    const both = (of: (side: Measurement) => number) => ({
      pytorch: values(own.map(({ pytorch }) => of(pytorch))),
      peftlab: values(own.map(({ peftlab }) => of(peftlab))),
    });
    return {
      method,
      trainable,
      milliseconds: both(step),
      peakMiB: both(peak),
      speed: values(own.map(({ pytorch, peftlab }) => step(pytorch) / step(peftlab))),
      memory: values(own.map(({ pytorch, peftlab }) => peak(peftlab) / peak(pytorch))),
    };
  });
}

export function values(all: number[]): Values {
  return { median: median(all), lowest: Math.min(...all), highest: Math.max(...all) };
}

const labels = { full: "full fine-tuning", bitfit: "BitFit", lora: "LoRA (r 8)" } as const;

/** The report as Markdown: a table, and what a reader must know beside it. */
export function trainingMarkdown(report: TrainingReport): string {
  const whole = ({ median }: Values) => median.toFixed(0);
  const ratio = ({ median, lowest, highest }: Values) =>
    `**${median.toFixed(2)}** (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
  const { work, machine, versions } = report;
  const { torch, transformers, peft } = versions.pytorch;
  return [
    "| | PyTorch, ms a step | peftlab, ms a step | times as fast | PyTorch, peak MiB | peftlab, peak MiB | times the memory |",
    "|---|--:|--:|--:|--:|--:|--:|",
    ...report.methods.map(
      ({ method, milliseconds, peakMiB, speed, memory }) =>
        `| ${labels[method]} | ${whole(milliseconds.pytorch)} | ${whole(milliseconds.peftlab)} | ${ratio(speed)} | ${whole(peakMiB.pytorch)} | ${whole(peakMiB.peftlab)} | ${ratio(memory)} |`,
    ),
    "",
    `MiniLM-L6, batch ${work.batch} × ${work.tokens} tokens, dropout ${work.dropout}, AdamW, clip ${work.clip.toFixed(1)}, float32; median of ${work.steps} steps after ${work.warmup}, ` +
      `${report.repetitions} times in turn, one process each (range in brackets). ` +
      `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ` +
      `PyTorch ${torch} (op by op, fused AdamW), transformers ${transformers}, peft ${peft}; TensorFlow ${versions.peftlab.tensorflow}, Node ${versions.peftlab.node}.`,
    "",
    "Part of it is work left out: what the head reads is the first token, so peftlab computes the last layer for that token only, which gives the same loss and gradients. PyTorch computes it for all tokens. " +
      `Rows have up to an eighth fewer than ${work.tokens} tokens: PyTorch's are padded, peftlab computes no padding.`,
    ...(/AMD/.test(machine.processor)
      ? [
          "",
          "Much of the lead is in the matrix products: on AMD processors PyTorch's library for float32, MKL, is slower than TensorFlow's, oneDNN. On others the ratio may be smaller, and PyTorch under bfloat16 autocast is faster than in float32.",
        ]
      : []),
    ...(report.busy ? ["", `Measured on a busy machine: not a figure to quote.`] : []),
  ].join("\n");
}

/** What falls short of the expectation, a line each. */
export function shortfalls(methods: readonly MethodResult[]): string[] {
  return methods.flatMap(({ method, speed, memory }) => [
    ...(speed.median < expected.speed[method]
      ? [
          `${labels[method]}: ${speed.median.toFixed(2)} times as fast, expected at least ${expected.speed[method]}`,
        ]
      : []),
    ...(memory.median > expected.memory
      ? [
          `${labels[method]}: ${memory.median.toFixed(2)} times the memory, expected at most ${expected.memory}`,
        ]
      : []),
  ]);
}
