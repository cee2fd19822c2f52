import { displayKey } from "../api/display";
import { jsonOf } from "../wire/json";
import { chartForms, withPicture } from "./charts/forms";
import { patience, settled, withinTime } from "./guard";
import { inspected, textOf } from "./inspection";
import { tableForms } from "./table";
import { tensorForms } from "./tensors";
import { plainText, wellFormed } from "./text";

/** A value in several forms by MIME type, as they go on the wire. Always has `text/plain`. */
export interface Bundle {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What is shown of a value. */
export interface Shown {
  readonly bundle: Bundle;
  /** What its display method threw; the bundle then has `text/plain` only. */
  readonly failure?: unknown;
}

export interface ShowOptions {
  /** Milliseconds a display method may take; default 30,000. */
  readonly limit?: number;
  /** Ends the wait for an asynchronous display method; its reason becomes the failure. */
  readonly signal?: AbortSignal;
}

/** Forms of a kind of object that knows nothing of notebooks, or undefined for other objects. */
type Presenter = (value: object) => object | undefined | Promise<object | undefined>;

/** Asked in turn. */
const presenters: readonly Presenter[] = [tableForms, tensorForms, chartForms];

/**
 * The forms in which a value is shown; none for `undefined`. Throws never and ends always: what a value's own display
 * method does wrong comes back as `failure`.
 */
export async function bundleOf(value: unknown, options: ShowOptions = {}): Promise<Shown> {
  if (value === undefined) return { bundle: { data: {}, metadata: {} } };
  try {
    const shown = await displayed(value, options);
    return shown ?? { bundle: (await presented(value)) ?? inspection(value) };
  } catch (failure) {
    return { bundle: lastResort(value), failure };
  }
}

/** What the value's own display method gives; undefined where it has none. */
async function displayed(value: unknown, options: ShowOptions): Promise<Shown | undefined> {
  const limit = options.limit ?? patience;
  const method = displayMethod(value);
  if (method === undefined) return undefined;
  try {
    const raw = await settled(
      withinTime(() => Reflect.apply(method, value, []), limit),
      limit,
      options.signal,
    );
    const bundle = withinTime(() => checkedBundle(raw, () => textOf(value)), limit);
    return { bundle: await settled(withPicture(bundle), limit, options.signal) };
  } catch (failure) {
    const text = { "text/plain": textOf(value) };
    return { bundle: { data: text, metadata: {} }, failure: failure ?? nothingThrown() };
  }
}

/** So that a failure is never undefined. */
function nothingThrown(): Error {
  return new Error("The value's display method threw no error but null or undefined.");
}

function displayMethod(value: unknown): ((...none: never) => unknown) | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return undefined;
  }
  try {
    return withinTime(() => {
      // Some Proxies answer every name, but say only of few that they have it.
      const method = displayKey in value ? (value as Record<symbol, unknown>)[displayKey] : null;
      return typeof method === "function" ? (method as (...none: never) => unknown) : undefined;
    }, 1_000);
  } catch {
    return undefined;
  }
}

async function presented(value: unknown): Promise<Bundle | undefined> {
  if (typeof value !== "object" || value === null) return undefined;
  for (const present of presenters) {
    try {
      const forms = await settled(withinTime(() => present(value), 10_000));
      if (forms) return checkedBundle(forms, () => textOf(value));
    } catch {
      // It only looks like such an object: it is inspected like any other.
    }
  }
  return undefined;
}

function inspection(value: unknown): Bundle {
  const { html, text } = inspected(value);
  const data = html === undefined ? {} : { "text/html": html };
  return { data: { ...data, "text/plain": text }, metadata: {} };
}

/** For when even the means of showing things are broken, such as `Array.prototype`. */
function lastResort(value: unknown): Bundle {
  let text = `[${typeof value}]`;
  try {
    text = textOf(value);
  } catch {}
  return { data: { "text/plain": text }, metadata: {} };
}

/**
 * MIME data as they go on the wire, from forms by MIME type or `{ data, metadata }` with such forms: bytes as base64,
 * JSON types as JSON values, others as strings; `text/plain`, where it is missing, is what `plain` returns, and is cut
 * at 10,000 characters and freed of colour codes. Throws a TypeError that says what is wrong with them.
 */
export function checkedBundle(raw: unknown, plain: () => string): Bundle {
  const { forms, metadata } = parts(raw);
  const data: Record<string, unknown> = {};
  for (const [type, form] of Object.entries(forms)) {
    if (!/^[^/\s]+\/\S+$/.test(type)) {
      throw new TypeError(`A form to be shown has a MIME type such as text/html, not "${type}".`);
    }
    if (form !== undefined && (form !== null || jsonType.test(type))) {
      data[type] = onWire(type, form);
    }
  }
  const text = data["text/plain"];
  return { data: { ...data, "text/plain": plainText(String(text ?? plain())) }, metadata };
}

function parts(raw: unknown): { forms: object; metadata: Bundle["metadata"] } {
  if (!isRecord(raw)) {
    throw new TypeError(
      "What a display method returns must be an object of forms by MIME type, such as " +
        `{ "text/html": "<b>1</b>" }, not ${raw === null ? "null" : Array.isArray(raw) ? "an array" : typeof raw}.`,
    );
  }
  if (!isRecord(raw.data)) return { forms: raw, metadata: {} };
  const metadata = isRecord(raw.metadata) ? json(raw.metadata) : {};
  return { forms: raw.data, metadata: metadata as Bundle["metadata"] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const jsonType = /^application\/json$|\+json$/i;

function onWire(type: string, form: unknown): unknown {
  const isJson = jsonType.test(type);
  const isText = isJson || /^text\/|\+xml$|^application\/(javascript|xml)$/i.test(type);
  const bytes = form instanceof ArrayBuffer ? new Uint8Array(form) : form;
  if (bytes instanceof Uint8Array) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return isText ? onWire(type, buffer.toString("utf8")) : buffer.toString("base64");
  }
  if (isJson) return typeof form === "string" ? parsed(form) : json(form);
  if (typeof form === "string") return wellFormed(form);
  // As notebooks keep text: a list of lines.
  if (Array.isArray(form) && form.every((line) => typeof line === "string")) {
    return wellFormed(form.join(""));
  }
  return wellFormed(typeof form === "object" ? JSON.stringify(form) : String(form));
}

/** JSON that comes as text, or else the text itself. */
function parsed(text: string): unknown {
  try {
    return json(JSON.parse(text));
  } catch {
    return wellFormed(text);
  }
}

/** A value as JSON keeps it. */
function json(value: unknown): unknown {
  return JSON.parse(jsonOf(value));
}
