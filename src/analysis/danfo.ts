import { DataFrame } from "danfojs-node";
import { display } from "../experiments/types";
import { table } from "./tables";

/** A frame that is a cell's value, or is given to `show`, shows itself as a table. */
Object.defineProperty(DataFrame.prototype, display, {
  configurable: true,
  writable: true,
  value(this: DataFrame) {
    return table(this)[display]();
  },
});

export { concat, DataFrame, merge, readCSV, readJSON, Series, toCSV, toJSON } from "danfojs-node";
