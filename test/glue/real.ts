import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../../src/setup/paths";

const beside = join(root, "../shared/glue");

/**
 * The folder of real GLUE files: `PEFTLAB_GLUE`, which must then be right, or the one beside the project where there
 * is one. Without it the tests on real GLUE are skipped; each has a form on the sample corpus.
 */
export const realGlue = process.env.PEFTLAB_GLUE
  ? resolve(root, process.env.PEFTLAB_GLUE)
  : existsSync(beside)
    ? beside
    : undefined;
