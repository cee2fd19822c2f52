export { learningCurves } from "./curves";
export { scoreAgainstSeconds } from "./seconds";
export { scoreAgainstShare } from "./share";
