import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { png, svg } from "../kernel/values/charts/picture";
import type { Figure } from "./chart";

/** Writes a picture of a chart; the file's ending, `.svg` or `.png`, says which. */
export async function savePicture(figure: Figure, file: string): Promise<void> {
  const ending = /\.(svg|png)$/.exec(file)?.[1];
  if (!ending) throw new Error(`${file}: a picture's name must end in .svg or .png.`);
  const picture = await svg(figure);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ending === "svg" ? picture : await png(picture));
}
