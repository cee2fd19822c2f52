export {
  type BenchReport,
  type BenchRow,
  benchRows,
  type CostPoint,
  type CostReport,
  type ProductRow,
  productRows,
  readBench,
} from "./bench";
export { benchFindings, costFindings, productFindings } from "./bench-findings";
export { benchTable, productTable } from "./bench-tables";
export type { Chart, Figure } from "./chart";
export * as charts from "./charts";
export * as danfo from "./danfo";
export { findings } from "./findings";
export { type RunSummary, runFrame, summaries, summaryFrame } from "./frames";
export { groupRuns, type RunGroup } from "./groups";
export { type Markdown, markdown } from "./markdown";
export { savePicture } from "./picture";
export { dataTable, resultsTable } from "./results";
export { type Summary, samplingError, summarize } from "./statistics";
export { type Table, type TableOptions, table } from "./tables";
