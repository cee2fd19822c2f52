import { readFileSync } from "node:fs";

export const channels = ["shell", "iopub", "stdin", "control", "hb"] as const;
export type Channel = (typeof channels)[number];

/** CurveZMQ keys in Z85; frontends authenticate with the same pair (jupyter_client 8.9). */
export interface CurveKeys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Where the kernel listens, and with which secrets. */
export interface Connection {
  readonly addresses: Readonly<Record<Channel, string>>;
  /** Empty: messages are not signed. */
  readonly key: string;
  readonly curve: CurveKeys | undefined;
}

/** Reads a connection file. Throws an Error that names the file and the field that is wrong. */
export function readConnection(file: string): Connection {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`Connection file ${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    return connectionOf(value);
  } catch (error) {
    throw new Error(`Connection file ${file}: ${(error as Error).message}`);
  }
}

/** Checks the content of a connection file. */
export function connectionOf(value: unknown): Connection {
  if (typeof value !== "object" || value === null) throw new Error("expected a JSON object");
  const fields = value as Readonly<Record<string, unknown>>;
  const transport = fields.transport ?? "tcp";
  if (transport !== "tcp" && transport !== "ipc") {
    throw new Error(`transport ${show(transport)} is not supported, expected "tcp" or "ipc"`);
  }
  const key = textOf(fields, "key", "");
  const scheme = textOf(fields, "signature_scheme", "hmac-sha256");
  if (key !== "" && scheme !== "hmac-sha256") {
    throw new Error(`signature_scheme ${show(scheme)} is not supported, expected "hmac-sha256"`);
  }
  const ip = textOf(fields, "ip", transport === "tcp" ? "127.0.0.1" : "");
  if (ip === "")
    throw new Error(`ip is empty, expected ${transport === "tcp" ? "an address" : "a path"}`);
  const addresses = {} as Record<Channel, string>;
  for (const channel of channels) {
    addresses[channel] = addressOf(transport, ip, portOf(fields, `${channel}_port`));
  }
  if (new Set(Object.values(addresses)).size < channels.length) {
    throw new Error("two channels have the same port");
  }
  return { addresses, key, curve: curveOf(fields) };
}

function addressOf(transport: "tcp" | "ipc", ip: string, port: number): string {
  if (transport === "ipc") return `ipc://${ip}-${port}`;
  return `tcp://${ip.includes(":") && !ip.startsWith("[") ? `[${ip}]` : ip}:${port}`;
}

function portOf(fields: Readonly<Record<string, unknown>>, name: string): number {
  const port = fields[name];
  if (typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Error(`${name} is ${show(port)}, expected a number from 1 to 65535`);
}

function curveOf(fields: Readonly<Record<string, unknown>>): CurveKeys | undefined {
  const publicKey = textOf(fields, "curve_publickey", "");
  const secretKey = textOf(fields, "curve_secretkey", "");
  if (publicKey === "" && secretKey === "") return undefined;
  // Never fall back to an open line when encryption was asked for.
  if (publicKey.length !== 40 || secretKey.length !== 40) {
    throw new Error("curve_publickey and curve_secretkey must both have 40 characters (Z85)");
  }
  return { publicKey, secretKey };
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string, absent: string): string {
  const value = fields[name] ?? absent;
  if (typeof value === "string") return value;
  throw new Error(`${name} is ${show(value)}, expected text`);
}

const show = (value: unknown): string => JSON.stringify(value) ?? "missing";
