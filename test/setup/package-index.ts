import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { python } from "../../src/setup/paths";
import type { Wheel } from "../../src/setup/wheels";

const write = `
import json, sys, zipfile
path, name, version = sys.argv[1:]
files = json.load(sys.stdin)
info = f"{name}-{version}.dist-info"
files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
files[f"{info}/RECORD"] = "".join(f"{file},,\\n" for file in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(path, "w") as archive:
    for file, text in files.items():
        archive.writestr(file, text)
`;

/** Makes a wheel of these files, and its pin. */
export function makeWheel(
  folder: string,
  name: string,
  version: string,
  files: Readonly<Record<string, string>>,
): { path: string; wheel: Wheel } {
  const path = join(folder, `${name}-${version}-py3-none-any.whl`);
  execFileSync(python, ["-I", "-c", write, path, name, version], { input: JSON.stringify(files) });
  return { path, wheel: pin(path, `${name}==${version}`) };
}

export function pin(path: string, requirement: string): Wheel {
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  return { requirement, sha256, platforms: ["any"] };
}

export interface PackageIndex {
  /** Its address, as `pip --index-url` takes it. */
  readonly url: string;
  /** What was asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * A package index on this machine that serves wheels.
 *
 * @param options.credentials `user:password` that it asks for
 * @param options.stall sends half of a wheel, and then nothing more
 */
export async function packageIndex(
  wheels: readonly string[],
  options: { credentials?: string; stall?: boolean } = {},
): Promise<PackageIndex> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const token = Buffer.from(options.credentials ?? "").toString("base64");
    if (options.credentials && request.headers.authorization !== `Basic ${token}`) {
      response.writeHead(401).end();
      return;
    }
    const file = wheels.find((wheel) => path === `/files/${basename(wheel)}`);
    const name = /^\/simple\/([^/]+)\/$/.exec(path)?.[1]?.replaceAll("-", "_");
    const listed = wheels.filter((wheel) => basename(wheel).startsWith(`${name}-`));
    if (file) {
      const content = readFileSync(file);
      response.writeHead(200, { "content-length": content.length });
      if (options.stall) response.write(content.subarray(0, content.length / 2));
      else response.end(content);
    } else if (listed.length > 0) {
      const link = (wheel: string) =>
        `<a href="../../files/${basename(wheel)}">${basename(wheel)}</a>`;
      response.writeHead(200, { "content-type": "text/html" });
      response.end(`<!DOCTYPE html><html><body>${listed.map(link).join("\n")}</body></html>`);
    } else response.writeHead(404).end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/simple`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

/** Variables that make pip and fetch_pip.py ask this index only, whatever this machine's settings are. */
export function onlyIndex(url: string): Record<string, string> {
  return {
    PIP_CONFIG_FILE: "/dev/null",
    PIP_INDEX_URL: url,
    PIP_EXTRA_INDEX_URL: "",
    PIP_FIND_LINKS: "",
    PIP_NO_COMPILE: "1",
    PIP_RETRIES: "1",
    PIP_TIMEOUT: "20",
    PIP_DEFAULT_TIMEOUT: "20",
    no_proxy: "127.0.0.1",
  };
}
