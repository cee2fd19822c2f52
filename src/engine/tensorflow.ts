import { existsSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import util from "node:util";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import type { TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { graphicsCard } from "./graphics-card";
import type { Precision } from "./types";

type TensorFlow = typeof import("@tensorflow/tfjs-node-gpu");

/** The engine's own addon (src/engine/native). Loading it registers its kernels with TensorFlow. */
interface Native {
  /** Loads a graph; both arguments are TensorFlow's messages, GraphDef and ConfigProto. */
  loadGraph(graph: Uint8Array, config: Uint8Array): object;
  runGraph(
    graph: object,
    names: readonly string[],
    values: readonly {
      shape: readonly number[];
      data: Float32Array | Int32Array;
      shared?: boolean;
    }[],
    fetches: readonly string[],
    targets: readonly string[],
  ): { shape: number[]; data: Float32Array }[];
  closeGraph(graph: object): void;
  /** Whether products on a GPU may round their factors to ten bits, from now on. */
  allowTensorFloat32(allowed: boolean): void;
  /** Keeps signals from this thread while a graph does not run either, until `releaseSignals`. */
  holdSignals(): void;
  releaseSignals(): void;
}

const loaded = load();

/** TensorFlow: the only way into it. Loaded once, when this module is. */
export const tf: TensorFlow = loaded.tensorflow;

export const native: Native = loaded.native;

/** The backend behind `tf`, with the raw binding to the C library. */
export const backend = tf.backend() as NodeJSKernelBackend;
backend.binding = withoutSignals(backend.binding);

/** Whether the engine's own kernels compute: on the processor, and not on a GPU, which has none. */
export const hasKernels: boolean = !backend.isUsingGpuDevice;

export interface Device {
  readonly kind: "cpu" | "gpu";
  /** The processor's or the graphics card's own name. */
  readonly name: string;
  /** The graphics card's memory in MiB; absent on a processor, and where the driver does not tell. */
  readonly memory?: number;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** TensorFlow's own version. */
  readonly tensorflow: string;
}

/** The device that TensorFlow uses; throws as `checkDevice`. */
export function device(): Device {
  checkDevice();
  const gpu = backend.isUsingGpuDevice;
  return {
    kind: gpu ? "gpu" : "cpu",
    ...(gpu ? graphicsCard() : { name: cpus()[0]?.model.trim() ?? process.arch }),
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS),
    tensorflow: backend.binding.TF_Version,
  };
}

/**
 * Throws if `PEFTLAB_DEVICE=gpu` asks for a GPU and none is in use: TensorFlow falls back to the CPU silently. So it
 * does where a precision is asked for that only GPUs have.
 */
export function checkDevice(precision: Precision = "float32"): void {
  if (backend.isUsingGpuDevice) return;
  if (precision === "tf32")
    throw new Error(
      "The precision tf32 is one of NVIDIA's GPUs, and the CPU computes here; take float32 or bfloat16.",
    );
  if (process.env.PEFTLAB_DEVICE === "gpu")
    throw new Error(
      "PEFTLAB_DEVICE=gpu asks for a GPU, but TensorFlow found none and would use the CPU. " +
        "`npm run doctor` says what is missing; unset PEFTLAB_DEVICE to go on with the CPU.",
    );
}

function load(): { tensorflow: TensorFlow; native: Native } {
  // The native library reads its environment when it is loaded, so all of this comes before.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  process.env.TF_NUM_INTRAOP_THREADS ??= String(availableParallelism());
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  // A run that fetches nothing need not wait for a GPU.
  process.env.TF_SYNC_ON_FINISH ??= "0";
  restoreRemovedUtilities();
  const folder = join(
    dirname(require.resolve("@tensorflow/tfjs-node-gpu/package.json")),
    "lib/napi-v8",
  );
  const [addon, quieting] = ["tfjs_binding.node", "quiet.node"].map((name) => join(folder, name));
  const missing = [addon!, quieting!].find((file) => !existsSync(file));
  if (missing)
    throw new Error(
      `TensorFlow's addon is not built: ${missing} is missing. \`npm run doctor\` says what to do; \`npm start\` builds it.`,
    );
  const quiet: { silence(): void; restore(): void } = require(quieting!);
  quiet.silence();
  try {
    const tensorflow = require("@tensorflow/tfjs-node-gpu") as TensorFlow;
    return { tensorflow, native: require(join(folder, "native.node")) };
  } catch (cause) {
    throw new Error(
      `TensorFlow's addon ${addon} does not load: ${(cause as Error).message}. \`npm run doctor\` says how to mend it.`,
      { cause },
    );
  } finally {
    quiet.restore();
  }
}

/** A binding whose ops run as those of a graph do, see native/signals.h. */
function withoutSignals(binding: TFJSBinding): TFJSBinding {
  return {
    ...members(binding),
    executeOp(...call) {
      native.holdSignals();
      try {
        return binding.executeOp(...call);
      } finally {
        native.releaseSignals();
      }
    },
  };
}

/** What is in a binding, whose own members are not enumerable. */
export function members(binding: TFJSBinding): TFJSBinding {
  const source = binding as unknown as Record<string, unknown>;
  return Object.fromEntries(
    Object.getOwnPropertyNames(binding).map((name) => [name, source[name]]),
  ) as unknown as TFJSBinding;
}

/** tfjs-node 4.22 calls functions of `util` that Node 23 removed. */
function restoreRemovedUtilities(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  const present = util as unknown as Record<string, unknown>;
  for (const [name, replacement] of Object.entries(removed)) present[name] ??= replacement;
}
