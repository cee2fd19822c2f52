export { costCurves } from "./costs";
export { learningCurves } from "./curves";
export { ratios } from "./ratios";
export { scoreAgainstSeconds } from "./seconds";
export { scoreAgainstShare } from "./share";
