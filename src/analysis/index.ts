export {
  type BenchReport,
  type BenchRow,
  benchRows,
  type CostPoint,
  type CostReport,
  readBench,
} from "./bench";
export { benchFindings, costFindings } from "./bench-findings";
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
