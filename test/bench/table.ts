import type { BenchReport, RowResult, Values } from "./report";
import { percent } from "./shortfalls";

const number = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const ratio = ({ median, lowest, highest }: Values) => {
  const text = (value: number) => value.toFixed(median < 100 ? 2 : 0);
  return `**${text(median)}**${lowest < highest ? ` (${text(lowest)} to ${text(highest)})` : ""}`;
};

/** A report as Markdown: its tables, and what a reader must know beside them. */
export function benchMarkdown(report: BenchReport): string {
  return [
    ...rowsTable(report),
    ...compileLine(report),
    ...productsTable(report),
    "",
    ...notes(report),
  ].join("\n");
}

function rowsTable({ rows }: BenchReport): string[] {
  const peaks = rows.some(({ ofPeak }) => ofPeak);
  const memory = rows.some(({ peers }) => peers.some((peer) => peer.memory));
  const cells = (all: readonly (string | false)[]) =>
    `| ${all.filter((cell) => cell !== false).join(" | ")} |`;
  return [
    cells([
      ...["", "against", "theirs, ms", "peftlab, ms", "times as fast"],
      ...[memory && "theirs, MiB", memory && "peftlab, MiB", memory && "times the memory"],
      peaks && "of the peak",
    ]),
    cells([
      ...["---", "---", "--:", "--:", "--:"],
      ...[memory && "--:", memory && "--:", memory && "--:"],
      peaks && "--:",
    ]),
    ...rows.flatMap((row) =>
      row.peers.map((peer) => {
        const all = (of: RowResult["milliseconds"]) =>
          peer.sides.map((side) => (of[side] ? number(of[side].median) : "–")).join(" / ");
        const own = peer.memory !== null;
        return cells([
          row.label,
          peer.peer,
          all(row.milliseconds),
          number(row.milliseconds.peftlab!.median),
          ratio(peer.speed),
          memory && (own ? all(row.peakMiB) : ""),
          memory && (own ? number(row.peakMiB.peftlab!.median) : ""),
          memory && (own ? ratio(peer.memory!) : ""),
          peaks && (row.ofPeak ? percent(row.ofPeak.median) : ""),
        ]);
      }),
    ),
  ];
}

function compileLine({ compile }: BenchReport): string[] {
  if (!compile) return [];
  const { seconds, memory } = compile;
  return [
    "",
    `A new step (recorded, built, loaded, and by how much the first step of each of several batch sizes takes longer than a later one) costs ${seconds.median.toFixed(2)} s (${seconds.lowest.toFixed(2)} to ${seconds.highest.toFixed(2)})${
      memory ? `, and until then ${memory.median.toFixed(2)} times the memory of later steps` : ""
    }.`,
  ];
}

function productsTable({ products }: BenchReport): string[] {
  if (!products) return [];
  const { shapes, pytorch, peftlab, kernel } = products;
  const cell = (all: readonly Values[], at: number) => number(all[at]!.median);
  return [
    "",
    "| matrix product, GFLOP/s | PyTorch float32 | TensorFlow float32 | peftlab float32 | PyTorch bfloat16 | TensorFlow bfloat16 |",
    "|---|--:|--:|--:|--:|--:|",
    ...shapes.map(
      (shape, at) =>
        `| ${[
          shape.join(" × "),
          cell(pytorch.float32, at),
          cell(peftlab.float32, at),
          kernel ? cell(kernel, at) : "–",
          cell(pytorch.bfloat16, at),
          cell(peftlab.bfloat16, at),
        ].join(" | ")} |`,
    ),
  ];
}

const works: Readonly<Record<BenchReport["part"], string>> = {
  training:
    "Milliseconds a step. MiniLM-L6, batch 32 × 64 tokens; BERT-base's shape 8 × 128 with random weights. Rows have up to an eighth fewer tokens: PyTorch's are padded, peftlab computes no padding. Dropout 0.1, AdamW, clip 1.0. Head only: our steps on features that were computed once, PyTorch's with the frozen encoder under `no_grad`.",
  epochs:
    "Milliseconds a step of full fine-tuning of MiniLM-L6, 32 rows of similar length a batch, from texts on: tokenising and making batches counts. Both sides have the same rows in each batch; PyTorch pads to the longest.",
  evaluation:
    "Milliseconds of forward passes over the dev file, rows sorted by length, tokenised beforehand; dynamic padding on the other sides, each with its fastest batch of 8, 32 or 64 rows.",
  tokenising: "Milliseconds to tokenise all texts, one thread on both sides.",
};

/** What the medians are of. */
function amounts(part: BenchReport["part"], { warmup, timed }: BenchReport["steps"]): string {
  if (part === "training") return ` of ${timed} steps after ${warmup} (of BERT-base half as many)`;
  if (part === "epochs")
    return ` over up to ${timed} batches, each time of another part of one epoch`;
  return "";
}

function notes(report: BenchReport): string[] {
  const { part, machine, versions, repetitions, steps, rows } = report;
  const leftOut = rows.flatMap(({ label, leftOut }) =>
    Object.entries(leftOut).map(([side, reason]) => `${label}, ${side} (${reason})`),
  );
  const paragraphs = [
    `${works[part]} Medians${amounts(part, steps)}, ${repetitions === 1 ? "once" : `${repetitions} times`} in turn, one process each; ratios within a turn${repetitions > 1 ? " (range in brackets)" : ""}.${
      rows.some(({ milliseconds }) => milliseconds.eager || milliseconds.compiled)
        ? " PyTorch op by op / through torch.compile: compared with the faster, and with the smaller."
        : ""
    }`,
    ...(rows.some(({ ofPeak }) => ofPeak)
      ? [
          "Of the peak: multiply-adds that our step's matrix products need (test/bench/flops.ts), over what TensorFlow's fastest matrix product does in the same time. peftlab computes the last layer for the first token only, which the head reads: same loss, same gradients, less work; PyTorch computes it for all tokens.",
        ]
      : []),
    `${machine.graphics ? `${machine.graphics.name}, ${machine.graphics.memoryGiB} GiB; ` : ""}${machine.processor}${machine.instructions?.length ? ` (${machine.instructions.join(", ")})` : ""}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ${Object.entries(
      versions,
    )
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}; measured ${report.measured}.`,
    ...(report.products && /AMD/.test(machine.processor)
      ? [
          "Where the products differ, so do the libraries: on AMD processors PyTorch's for float32, MKL, is slower than TensorFlow's, oneDNN. On others the ratios may be smaller.",
        ]
      : []),
    ...(machine.graphics
      ? [
          "On the card, both sides read losses back every eighth step; memory is what the card has given out when the last step is done, the driver's own included.",
        ]
      : []),
    ...(report.remarks ?? []),
    ...(report.data === "sample corpus"
      ? ["On the project's sample corpus, not on GLUE: not a figure to quote."]
      : []),
    ...(leftOut.length > 0 ? [`Not in every repetition: ${leftOut.join("; ")}.`] : []),
    ...(report.notMeasured.length > 0
      ? [`Not measured this time: ${report.notMeasured.join("; ")}.`]
      : []),
    ...(report.busy ? ["Measured on a busy machine: not a figure to quote."] : []),
  ];
  return paragraphs.join("\n\n").split("\n");
}
