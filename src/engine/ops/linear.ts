import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute, executeChain } from "../execute";
import { precision } from "../precision";
import { hasKernels } from "../tensorflow";
import { fused } from "./fused";
import { nothing } from "./kernels";

/**
 * x Wᵀ + b.
 * @param x `[rows, in]`; flatten leading dimensions first
 * @param weight `[out, in]`, as Hugging Face stores it
 * @param bias `[out]`
 * @returns `[rows, out]`
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (x.rank !== 2 || weight.rank !== 2 || x.shape[1] !== weight.shape[1])
    throw new Error(
      `linear takes x [rows, in] and weight [out, in]; got [${x.shape}] and [${weight.shape}].`,
    );
  const backward = (dy: Tensor, [x, weight]: readonly Tensor[]) => [
    multiply(dy, weight!, false, false),
    multiply(dy, x!, true, false),
  ];
  if (!bias)
    return fused([x, weight], (x, weight) => ({
      value: multiply(x, weight, false, true),
      saved: [x, weight],
      gradient: backward,
    }));
  return fused([x, weight, bias], (x, weight, bias) => ({
    value: execute("BiasAdd", { T: "float32" }, [multiply(x, weight, false, true), bias]),
    saved: [x, weight],
    gradient: (dy, saved) => [...backward(dy, saved), sumRows(dy)],
  }));
}

/** `[rows, width]` -> `[width]`. */
export function sumRows(x: Tensor): Tensor {
  return execute("BiasAddGrad", { T: "float32" }, [x]);
}

function multiply(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const transposed = { transpose_a: transposeA, transpose_b: transposeB };
  if (precision() !== "bfloat16")
    return hasKernels
      ? execute("PeftlabMatMul", transposed, [a, b, nothing()])
      : execute("MatMul", { ...transposed, T: "float32" }, [a, b]);
  // The same factor rounded twice is rounded once: TensorFlow merges nodes that are alike.
  return executeChain((run, id) => {
    const rounded = [a, b].map((x) =>
      run("Cast", { SrcT: "float32", DstT: "bfloat16", Truncate: false }, [id(x)]),
    );
    const product = run("MatMul", { ...transposed, T: "bfloat16" }, rounded);
    return run("Cast", { SrcT: "bfloat16", DstT: "float32", Truncate: false }, [product]);
  });
}
