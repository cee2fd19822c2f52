import { existsSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import {
  dataFolder,
  environmentFolder,
  librariesFolder,
  lockFile,
  reportsFolder,
  root,
  runsFolder,
  weightsFolder,
} from "./paths";

export interface Place {
  readonly path: string;
  readonly holds: string;
  readonly exists: boolean;
}

/** Every path that a command writes to, inside the project folder and outside. */
export function places(): Place[] {
  const list: [string, string][] = [
    [join(root, "node_modules"), "npm packages, the compiled addon"],
    [environmentFolder, "Python environment, kernelspec, JupyterLab's server settings, signatures"],
    [librariesFolder, "TensorFlow's libraries and headers"],
    [weightsFolder, "the packaged encoder"],
    [join(dataFolder, "glue"), "GLUE, downloaded from the Hugging Face Hub"],
    [join(dataFolder, "calibration"), "what a step costs on this machine"],
    [runsFolder, "the store of runs (PEFTLAB_RUNS)"],
    [reportsFolder, "executed notebooks and their HTML"],
    [join(root, ".peers"), "PyTorch and others, for `npm run bench` and `npm run parity` only"],
    [lockFile, "held while a set-up is at work"],
    [
      join(process.env.JUPYTER_CONFIG_DIR ?? join(homedir(), ".jupyter"), "lab"),
      "JupyterLab's own user settings and workspaces (`npm run lab` only)",
    ],
    [
      join(process.env.JUPYTER_DATA_DIR ?? userData(), "kernels", "peftlab"),
      "the kernelspec of `npm run kernel -- install --user`",
    ],
    [process.env.npm_config_cache ?? join(homedir(), ".npm"), "npm's own cache"],
    [tmpdir(), "temporary files: compiled TypeScript (tsx), recorded graphs, a compiler's own"],
  ];
  return list.map(([path, holds]) => ({ path, holds, exists: existsSync(path) }));
}

/** Where Jupyter keeps a user's own data. */
function userData(): string {
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "jupyter");
}
