import { counted, ends, escapeHtml, oneLine } from "./text";

/** What of a tfjs tensor is looked at. */
interface Tensor {
  readonly dataId: object;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly isDisposed: boolean;
  readonly trainable?: unknown;
  readonly name?: unknown;
  dataSync(): ArrayLike<unknown>;
  slice(begin: readonly number[], size: readonly number[]): Tensor;
  dispose(): void;
}

/** The values of a tensor at the positions shown; undefined stands for those left out of an axis. */
interface Preview {
  readonly axes: readonly (readonly (number | undefined)[])[];
  at(position: readonly number[]): unknown;
}

/** Values read to show some of them; of a larger tensor only a corner is fetched. */
const readable = 1_000_000;

/** Values shown of an axis, by the number of axes. */
const shownByRank = [0, 20, 6, 6, 4, 4];

/** A tensor of tfjs as its type, shape and some of its values, in HTML and in text; undefined for any other value. */
export function tensorForms(value: object): Readonly<Record<string, string>> | undefined {
  if (!isTensor(value)) return undefined;
  const kind = typeof value.trainable === "boolean" ? "Variable" : "Tensor";
  const name = kind === "Variable" ? ` ${oneLine(String(value.name), 200)}` : "";
  const dtype = oneLine(value.dtype, 20);
  const shape = `[${value.shape.join(", ")}]`;
  const count = value.shape.length === 0 ? "" : ` (${counted(value.size, "value")})`;
  const values = preview(value);
  const faint = '<span style="opacity:.65">';
  const code =
    "margin:.3em 0 0;white-space:pre;overflow-x:auto;" +
    "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)";
  return {
    "text/html": [
      `<div><b>${kind}</b>${escapeHtml(name)} ${escapeHtml(dtype)} ${shape}${faint}${count}</span>`,
      `<pre style="${code}">${escapeHtml(values)}</pre></div>`,
    ].join("\n"),
    "text/plain": `${kind}${name} ${dtype} ${shape}${count}\n${values}`,
  };
}

function isTensor(value: object): value is Tensor {
  const tensor = value as Partial<Tensor>;
  return (
    typeof tensor.dataId === "object" &&
    typeof tensor.dtype === "string" &&
    typeof tensor.isDisposed === "boolean" &&
    typeof tensor.size === "number" &&
    typeof tensor.dataSync === "function" &&
    Array.isArray(tensor.shape) &&
    tensor.shape.length <= 8 &&
    tensor.shape.every((length: unknown) => Number.isSafeInteger(length) && (length as number) >= 0)
  );
}

function preview(tensor: Tensor): string {
  if (tensor.isDisposed) return "disposed: its values are gone";
  if (tensor.size === 0) return "no values";
  try {
    return written(tensor.size <= readable ? whole(tensor) : corner(tensor), tensor.dtype);
  } catch (error) {
    return `its values cannot be read: ${oneLine(String((error as Error)?.message), 200)}`;
  }
}

function whole(tensor: Tensor): Preview {
  const limit = shownByRank[tensor.shape.length] ?? 2;
  return {
    axes: tensor.shape.map((length) => ends(length, limit)),
    at: reader(tensor.shape, tensor),
  };
}

function corner(tensor: Tensor): Preview {
  const limit = shownByRank[tensor.shape.length] ?? 2;
  const lengths = tensor.shape.map((length) => Math.min(length, limit));
  const part = tensor.slice(
    tensor.shape.map(() => 0),
    lengths,
  );
  try {
    const axes = lengths.map((length, axis) => [
      ...ends(length, length),
      ...(length < tensor.shape[axis]! ? [undefined] : []),
    ]);
    return { axes, at: reader(lengths, part) };
  } finally {
    part.dispose();
  }
}

function reader(shape: readonly number[], tensor: Tensor): Preview["at"] {
  const values = tensor.dataSync();
  const at = (position: readonly number[]) =>
    position.reduce((offset, index, axis) => offset * shape[axis]! + index, 0);
  // Real and imaginary parts lie side by side.
  if (tensor.dtype !== "complex64") return (position) => values[at(position)];
  return (position) => [values[2 * at(position)], values[2 * at(position) + 1]];
}

function written({ axes, at }: Preview, dtype: string): string {
  const texts = new Map<string, string>();
  const visit = (position: readonly number[]) => {
    const axis = axes[position.length];
    if (!axis) texts.set(position.join(), valueText(at(position), dtype));
    else for (const index of axis) if (index !== undefined) visit([...position, index]);
  };
  visit([]);
  const width = Math.max(...[...texts.values()].map((text) => text.length));
  const nested = (position: readonly number[]): string => {
    const depth = position.length;
    const axis = axes[depth];
    if (!axis) return texts.get(position.join())!.padStart(axes.length === 0 ? 0 : width);
    const parts = axis.map((index) => (index === undefined ? "…" : nested([...position, index])));
    const separator = depth === axes.length - 1 ? ", " : `,\n${" ".repeat(depth + 1)}`;
    return `[${parts.join(separator)}]`;
  };
  return nested([]);
}

function valueText(value: unknown, dtype: string): string {
  if (dtype === "bool") return value ? "true" : "false";
  if (typeof value === "string") return oneLine(JSON.stringify(value), 60);
  if (Array.isArray(value)) {
    const [real, imaginary] = value.map((part) => valueText(part, "float32"));
    return `${real}${imaginary!.startsWith("-") ? "" : "+"}${imaginary}i`;
  }
  if (typeof value !== "number") return oneLine(String(value), 60);
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(5)));
}
