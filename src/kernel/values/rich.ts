import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { displayKey } from "../api/display";
import { currentCell } from "../context";
import type { Link } from "../wire/link";
import { type Bundle, bundleOf, checkedBundle } from "./bundle";
import { withPicture } from "./charts/forms";

type Forms = Readonly<Record<string, unknown>>;

interface DisplayOptions {
  readonly id?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly update?: boolean;
}

/** The display functions that every cell has (their types are in globals.ts), and `show`'s. */
export function richDisplay(link: Pick<Link, "publish">, failed: (error: unknown) => void) {
  const send = (bundle: Bundle, { id, update }: DisplayOptions): void => {
    const transient = id === undefined ? {} : { display_id: id };
    publishDisplay(link, { ...bundle, transient }, update);
  };
  const show = async (value: unknown, options: DisplayOptions): Promise<void> => {
    const { bundle, failure } = value === undefined ? undefinedShown : await bundleOf(value);
    const metadata = { ...bundle.metadata, ...options.metadata };
    send({ data: bundle.data, metadata }, options);
    if (failure !== undefined) failed(failure);
  };
  const checked = (forms: Forms) => checkedBundle(forms, () => inspect(forms));
  const display = Object.assign(
    (value: unknown, options: Omit<DisplayOptions, "update"> = {}) => show(value, options),
    {
      update: (value: unknown, options: { id: string }) =>
        show(value, { ...options, update: true }),
      raw: (forms: Forms, options: DisplayOptions = {}) => send(checked(forms), options),
    },
  );
  const clearOutput = ({ wait = false } = {}) =>
    link.publish({ type: "clear_output", content: { wait }, parent: currentCell()?.header });
  return {
    /** What cells use by these names. */
    globals: {
      display,
      clearOutput,
      html: markup("text/html"),
      md: markup("text/markdown"),
      svg: markup("image/svg+xml"),
      image,
    },
    given: async (forms: Forms) => send(await withPicture(checked(forms)), {}),
  };
}

/** Asked for by name, even what is undefined shows. */
const undefinedShown = {
  bundle: { data: { "text/plain": "undefined" }, metadata: {} },
  failure: undefined,
};

/** A value that shows itself as this. */
const shows = (bundle: Readonly<Record<string, unknown>>) => ({ [displayKey]: () => bundle });

function markup(type: string) {
  return (strings: TemplateStringsArray | string, ...values: readonly unknown[]) => {
    const text =
      typeof strings === "string"
        ? strings
        : strings.reduce((all, part, at) => all + String(values[at - 1]) + part);
    return shows({ [type]: text, "text/plain": text });
  };
}

const signatures: readonly (readonly [string, readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["application/pdf", [0x25, 0x50, 0x44, 0x46]],
];

function image(source: Uint8Array | string) {
  const bytes = typeof source === "string" ? readFileSync(source) : source;
  const type = signatures.find(([, start]) => start.every((byte, at) => bytes[at] === byte))?.[0];
  if (type) return shows({ [type]: bytes, "text/plain": `<${type}, ${bytes.length} bytes>` });
  const text = new TextDecoder().decode(bytes);
  if (/<svg[\s>]/.test(text)) return shows({ "image/svg+xml": text, "text/plain": "<svg>" });
  throw new TypeError("This is no PNG, JPEG, GIF, PDF or SVG; image() shows those.");
}

function publishDisplay(
  link: Pick<Link, "publish">,
  content: Bundle & { readonly transient: object },
  update = false,
): void {
  link.publish({
    type: update ? "update_display_data" : "display_data",
    content: { ...content },
    parent: currentCell()?.header,
  });
}

/** tslab's own interface, whose displays go to the cell that runs. Loaded when a cell imports it: it takes a while. */
export function adoptTslab(link: Pick<Link, "publish">): unknown {
  const jupyter = require("tslab/dist/jupyter") as { lastWriteDisplayData: unknown };
  jupyter.lastWriteDisplayData = (content: Bundle & { transient: object }, update: boolean) =>
    publishDisplay(link, content, update);
  return require("tslab");
}
