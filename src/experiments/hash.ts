import { createHash } from "node:crypto";

/**
 * JSON with one form for one value: object keys sorted, no spaces, numbers as JavaScript prints them.
 * @throws on what JSON cannot hold: `undefined`, functions, NaN and infinities
 */
export function canonicalJson(value: unknown): string {
  return write(value, "$");
}

/** SHA-256 of the canonical JSON, 64 hexadecimal digits. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Error(`${path} is ${value}, which JSON cannot hold.`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => write(item, `${path}[${index}]`)).join(",")}]`;
  }
  if (typeof value === "object") {
    const keys = Object.keys(value).sort();
    const members = keys.map((key) => {
      const member = (value as Record<string, unknown>)[key];
      return `${JSON.stringify(key)}:${write(member, `${path}.${key}`)}`;
    });
    return `{${members.join(",")}}`;
  }
  throw new Error(`${path} is ${typeof value}, which JSON cannot hold.`);
}
