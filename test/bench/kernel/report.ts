import type { KernelName } from "../../peers/kernels";
import type { Machine } from "../machine";
import type { Values } from "../report";

/** At most, against stock tslab or against the 10th cell. */
export const expected = {
  /** Launch to kernel_info. */
  info: 0.5,
  /** Launch to the first cell's reply. */
  small: 1,
  source: 1,
  /** The 100th cell over the 10th. */
  growth: 2,
  memory: 1.5,
} as const;

/** What a launch is measured by; a ratio is taken within each turn. */
export const launchFigures = ["info", "small", "source", "idle", "memory"] as const;
export type LaunchFigure = (typeof launchFigures)[number];

/** Milliseconds, and MiB. A cell that a kernel cannot run gives null. */
export type Turn = Readonly<Record<LaunchFigure, number | null>>;

/** Milliseconds of a loop with the checks that end it on an interrupt, and without. */
export type Check = readonly [checked: number, bare: number];

/** What was seen of one kernel beside its launch. */
export interface Seen {
  /** Of each check of jupyter_kernel_test "passed", "skipped" or why it failed. */
  readonly conformance: Readonly<Record<string, string>>;
  /** Milliseconds until an answer on control while a cell computes for 3 s; null: none. */
  readonly control: number | null;
  /** Bytes of 100,000 printed lines. */
  readonly lines: {
    readonly arrived: number;
    readonly printed: number;
    readonly whole: boolean;
    readonly idle: boolean;
  };
  /** What came of a message with a wrong signature. */
  readonly signature: readonly string[];
  readonly ipc: boolean;
  /** Whether the statuses of queued cells stand in order. */
  readonly order: boolean;
  /** Of each case of an interrupt what was wrong after it. */
  readonly interrupts: Readonly<Record<string, readonly string[]>>;
}

export interface KernelFigures extends Seen {
  readonly version: string;
  readonly launch: Readonly<Record<LaunchFigure, Values | null>>;
  /** Over stock tslab's of the same turn. */
  readonly ratio: Readonly<Record<LaunchFigure, Values | null>>;
  /** A cell's time from request to reply, the 100th over the 10th. */
  readonly growth: Values | null;
}

/** What `data/bench/kernel.json` holds. */
export interface KernelReport {
  readonly measured: string;
  readonly machine: Machine;
  /** Warning that stood at the start, or null on an idle machine. */
  readonly busy: string | null;
  readonly repetitions: number;
  /** Version. */
  readonly node: string;
  readonly kernels: Readonly<Record<KernelName, KernelFigures>>;
  /** Our checks: times as long as without. */
  readonly checks: Readonly<Record<string, Values>>;
}

const columns: Readonly<Record<KernelName, string>> = {
  peftlab: "ours",
  tslab: "tslab",
  deno: "Deno",
  python3: "ipykernel",
};

type Cell = (figures: KernelFigures) => string;

const failed = (conformance: Seen["conformance"]) =>
  Object.keys(conformance).filter((name) => conformance[name] !== "passed");

const listed = (names: readonly string[]) => names.join(", ") || "none";

const range = (values: Values | null, digits: number) =>
  values
    ? `${values.median.toFixed(digits)} (${values.lowest.toFixed(digits)} to ${values.highest.toFixed(digits)})`
    : "cannot run it";

const launchRows: readonly (readonly [LaunchFigure, string])[] = [
  ["info", "launch to kernel_info, ms"],
  ["small", "launch to the reply of `1 + 1`, ms"],
  ["source", 'launch to the reply of `import … from "../src"`, ms'],
  ["idle", "reply of a first `1 + 1` sent 3 s after kernel_info, ms"],
  ["memory", "memory after `1 + 1`, MiB"],
];

const rows: readonly (readonly [string, Cell])[] = [
  [
    "checks of jupyter_kernel_test passed",
    ({ conformance }) => {
      const all = Object.keys(conformance).length;
      return `${all - failed(conformance).length} of ${all}`;
    },
  ],
  [
    "checks failed",
    ({ conformance }) =>
      listed(
        failed(conformance).map((name) => name.replace(/^test_/, "").replace(/^recv_|_msg$/g, "")),
      ),
  ],
  [
    "control answers during a loop of 3 s after, ms",
    ({ control }) => (control === null ? "never" : control.toFixed(0)),
  ],
  [
    "100,000 lines: MB that arrive, and idle",
    ({ lines: { arrived, printed, whole, idle } }) =>
      `${(arrived / 1e6).toFixed(2)} of ${(printed / 1e6).toFixed(2)}${whole ? "" : ", not whole"}, ${idle ? "idle" : "never idle"}`,
  ],
  ["a bad signature brings", ({ signature }) => listed(signature)],
  ["answers over ipc", ({ ipc }) => (ipc ? "yes" : "no")],
  ["statuses of queued cells", ({ order }) => (order ? "in order" : "mixed")],
  [
    "interrupts that end the cell for good",
    ({ interrupts }) => {
      const all = Object.entries(interrupts);
      return `${all.filter(([, wrong]) => wrong.length === 0).length} of ${all.length}`;
    },
  ],
  [
    "interrupts that do not",
    ({ interrupts }) =>
      listed(
        Object.entries(interrupts).flatMap(([name, wrong]) =>
          wrong.length > 0 ? [`${name} (${wrong.join(", ")})`] : [],
        ),
      ),
  ],
  ...launchRows.flatMap(([figure, label]): (readonly [string, Cell])[] => [
    [label, ({ launch }) => range(launch[figure], 0)],
    ["… over tslab's", ({ ratio }) => (ratio[figure] ? range(ratio[figure], 2) : "")],
  ]),
  ["100th cell's time over the 10th's", ({ growth }) => range(growth, 2)],
];

/** The report as Markdown: a table, and what a reader must know beside it. */
export function kernelMarkdown(report: KernelReport): string {
  const { kernels, machine, repetitions } = report;
  const names = Object.keys(columns) as KernelName[];
  const line = (label: string, cells: readonly string[]) => `| ${label} | ${cells.join(" | ")} |`;
  const checks = Object.entries(report.checks).map(
    ([kind, values]) => `a ${kind} loop ${range(values, 2)} times as long`,
  );
  return [
    line(
      "",
      names.map((name) => `${columns[name]} ${kernels[name].version}`.trim()),
    ),
    line(
      "---",
      names.map(() => "---"),
    ),
    ...rows.map(([label, cell]) =>
      line(
        label,
        names.map((name) => cell(kernels[name])),
      ),
    ),
    "",
    `Medians of ${repetitions} launches a kernel, in turn (range in brackets); ratios are taken within a turn. A kernel that does not answer its first request in 20 s (stock tslab, at times) is launched again. Memory is that of the process and its children. ` +
      "For the import tslab is given tsx and the workspace's name of `src`, since it loads nothing above the notebook's folder. " +
      `The checks that our kernel compiles into cells, so that interrupts end them, make ${checks.join(" and ")}.`,
    "",
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; Node ${report.node}; measured ${report.measured}.`,
    ...(report.busy ? ["", "Measured on a busy machine: not a figure to quote."] : []),
  ].join("\n");
}

/** What our kernel falls short of, a line each. */
export function kernelShortfalls({ kernels: { peftlab } }: KernelReport): string[] {
  const over = (label: string, values: Values | null, most: number) =>
    values && values.median <= most
      ? []
      : [`${label}: ${values?.median.toFixed(2) ?? "nothing"}, expected at most ${most}`];
  const { ratio, growth, conformance } = peftlab;
  return [
    ...failed(conformance).map((name) => `${name}: ${conformance[name]}`),
    ...over("launch to kernel_info over tslab's", ratio.info, expected.info),
    ...over("launch to the first reply over tslab's", ratio.small, expected.small),
    ...over("launch to an import's reply over tslab's", ratio.source, expected.source),
    ...over("100th cell over the 10th", growth, expected.growth),
    ...over("memory over tslab's", ratio.memory, expected.memory),
  ];
}
