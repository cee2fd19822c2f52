import type { FeedTensor } from "./session";
import { sizeOf } from "./shapes";
import type { Feed, FreeSize, TensorSpec } from "./types";

type Specs = Readonly<Record<string, TensorSpec>>;

/** The free sizes of a batch, and which input told each. */
type Sizes = Partial<Record<FreeSize, { readonly size: number; readonly by: string }>>;

/**
 * A feed with its shapes, checked against what the step declared.
 * @throws naming the input that is unknown, missing, of another type, or disagrees on the rows or tokens of the batch
 */
export function checkFeed(specs: Specs, feed: Feed): Record<string, FeedTensor> {
  const unknown = Object.keys(feed).filter((name) => !(name in specs));
  if (unknown.length > 0)
    throw new Error(
      `The step has no input ${unknown.join(", ")}; its inputs are ${Object.keys(specs).join(", ")}.`,
    );
  const sizes: Sizes = {};
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const data = feed[name];
      const kind = spec.dtype === "float32" ? Float32Array : Int32Array;
      if (!(data instanceof kind))
        throw new Error(
          `The input ${name} takes a ${kind.name} of the shape [${spec.shape}]; ` +
            `got ${data ? `a ${data.constructor.name} of ${data.length}` : "nothing"}.`,
        );
      return [name, { shape: shapeOf(name, spec, data.length, sizes), data }];
    }),
  );
}

/** The shape of an input of `length` values; a free size that no input told before is noted. */
function shapeOf(name: string, { shape }: TensorSpec, length: number, sizes: Sizes): number[] {
  const [untold, another] = free(shape).filter((size) => !sizes[size]);
  if (another)
    throw new Error(
      `The input ${name} has the shape [${shape}], which its values do not tell: declare one of [${untold}] or [${another}] before it.`,
    );
  if (untold) {
    const rest = sizeOf(shape.map((size) => (size === untold ? 1 : toldSize(size, sizes))));
    sizes[untold] = { size: Math.floor(length / rest), by: name };
  }
  const full = shape.map((size) => toldSize(size, sizes));
  if (sizeOf(full) === length) return full;
  const told = free(shape).flatMap((size) =>
    size === untold ? [] : [`${sizes[size]!.by} has ${sizes[size]!.size} ${size}`],
  );
  throw new Error(
    `The input ${name} takes values of the shape [${shape}]${told.length > 0 ? `, and ${told.join(", ")}` : ""}; got ${length}.`,
  );
}

function free(shape: TensorSpec["shape"]): FreeSize[] {
  return [...new Set(shape.filter((size) => typeof size === "string"))];
}

function toldSize(size: number | FreeSize, sizes: Sizes): number {
  return typeof size === "number" ? size : sizes[size]!.size;
}
