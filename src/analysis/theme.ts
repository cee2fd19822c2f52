import type { MetricName } from "../glue/types";
import type { CostAxis, CostSide } from "./bench";

/** How a method looks in every chart. */
export interface MethodStyle {
  readonly title: string;
  readonly color: string;
  /** A plotly marker symbol, so that no two methods differ by colour alone. */
  readonly symbol: string;
}

/** Colours of Okabe and Ito (2008), told apart with any kind of colour vision. */
const methods: Readonly<Record<string, MethodStyle>> = {
  full: { title: "Full fine-tuning", color: "#333333", symbol: "circle" },
  "head-only": { title: "Head only", color: "#8c8c8c", symbol: "x" },
  bitfit: { title: "BitFit", color: "#d55e00", symbol: "diamond" },
  "random-mask": { title: "Random mask", color: "#b58900", symbol: "cross" },
  houlsby: { title: "Houlsby adapters", color: "#0072b2", symbol: "square" },
  pfeiffer: { title: "Pfeiffer adapters", color: "#56b4e9", symbol: "triangle-up" },
  lora: { title: "LoRA", color: "#009e73", symbol: "triangle-down" },
};

const unlisted: Pick<MethodStyle, "color" | "symbol"> = { color: "#cc79a7", symbol: "star" };

export function methodStyle(method: string): MethodStyle {
  return methods[method] ?? { title: method, ...unlisted };
}

export function methodTitle(method: string): string {
  return methodStyle(method).title;
}

const tasks: Readonly<Record<string, string>> = { mrpc: "MRPC", cola: "CoLA", stsb: "STS-B" };

export function taskTitle(task: string): string {
  return tasks[task] ?? task;
}

const metrics: Readonly<Record<MetricName, string>> = {
  accuracy: "Accuracy (%)",
  f1: "F1 (%)",
  matthews: "Matthews correlation × 100",
  pearson: "Pearson correlation × 100",
  spearman: "Spearman correlation × 100",
};

const metricNames: Readonly<Record<MetricName, string>> = {
  accuracy: "accuracy",
  f1: "F1",
  matthews: "Matthews correlation",
  pearson: "Pearson correlation",
  spearman: "Spearman correlation",
};

/** As written in a sentence. */
export function metricName(metric: MetricName): string {
  return metricNames[metric];
}

/** As written in a table. */
export function metricWord(metric: MetricName): string {
  return metricNames[metric].replace(" correlation", "");
}

/** Of an axis. Scores are shown in points: hundredths. */
export function metricTitle(metric: MetricName): string {
  return metrics[metric];
}

/** What is varied in a cost curve. */
export const axisTitles: Readonly<Record<CostAxis, string>> = {
  tokens: "Tokens a row",
  batch: "Rows a batch",
  layers: "Layers",
  width: "Width",
  rank: "Rank of LoRA",
  share: "Trained share",
};

/** How a library looks in every chart. */
export const sideStyles: Readonly<
  Record<CostSide, { readonly color: string; readonly symbol: string }>
> = {
  peftlab: { color: "#0072b2", symbol: "circle" },
  PyTorch: { color: "#d55e00", symbol: "diamond" },
  "PyTorch compiled": { color: "#009e73", symbol: "triangle-up" },
};

export const colors = {
  text: "#222222",
  quiet: "#666666",
  grid: "#e6e6e6",
  axis: "#999999",
  floor: "#666666",
} as const;
