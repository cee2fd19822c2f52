import { join, resolve } from "node:path";

/** The project folder. Everything peftlab writes lies inside it. */
export const root = resolve(__dirname, "../..");

/** The Python environment: JupyterLab, nbclient, nbconvert and papermill; run as `python -m …`. */
export const environmentFolder = join(root, ".venv");
export const python = join(environmentFolder, "bin", "python");
/** Where the environment's own Jupyter keeps its data: kernels, notebook signatures, runtime files. */
export const jupyterDataFolder = join(environmentFolder, "share", "jupyter");
export const kernelFolder = join(jupyterDataFolder, "kernels", "peftlab");

/** TensorFlow's libraries and C headers, and on an NVIDIA machine CUDA's libraries beside them. */
export const librariesFolder = join(root, ".tensorflow");
export const tensorflowFolder = join(librariesFolder, "tensorflow");
export const addonFolder = join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");
export const addonFile = join(addonFolder, "lib", "napi-v8", "tfjs_binding.node");
/** The engine's addon that keeps TensorFlow's first lines off stderr. */
export const quietFile = join(addonFolder, "lib", "napi-v8", "quiet.node");
/** The engine's addon with its sessions and kernels. */
export const nativeFile = join(addonFolder, "lib", "napi-v8", "native.node");

export const dataFolder = join(root, "data");
export const sampleFolder = join(dataFolder, "sample");
export const weightsFolder = join(dataFolder, "weights");
/** The packaged encoder. */
export const minilmFolder = join(weightsFolder, "all-minilm-l6-v2");
/** The store of runs; `PEFTLAB_RUNS` names another. */
export const runsFolder = resolve(process.env.PEFTLAB_RUNS || join(dataFolder, "runs"));
export const reportsFolder = join(dataFolder, "reports");
export const notebooksFolder = join(root, "notebooks");

/** Held while a set-up is at work, so that two never do the same step. */
export const lockFile = join(root, ".setup.lock");
