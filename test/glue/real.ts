import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../../src/setup/paths";

const folder = resolve(process.env.PEFTLAB_GLUE || join(root, "../shared/glue"));

/** The folder of real GLUE files where there is one; tests that need it say so and are left out elsewhere. */
export const realGlue = existsSync(join(folder, "CoLA", "train.tsv")) ? folder : undefined;
