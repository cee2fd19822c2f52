import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadTask, type SourceOptions } from "../../src/glue";
import { hubRevision } from "../../src/glue/hub";

const fixtures = join(__dirname, "../fixtures/glue/hub");
const prefix = `/datasets/nyu-mll/glue/resolve/${hubRevision}/`;

/** How the server departs from the Hub. */
type Fault = "none" | "down" | "missing" | "truncated" | "truncated once" | "changed" | "unhashed";

let server: Server;
let folder: string;
let fault: Fault;
let requests: string[];
let said: string[];

/** Answers as the Hub does: a redirect to its storage that states size and SHA-256, then the bytes. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url!;
  requests.push(`${request.method} ${url}`);
  if (fault === "down") return void response.writeHead(503).end();
  const path = url.startsWith(prefix) ? url.slice(prefix.length) : url.replace("/storage/", "");
  const file = join(fixtures, path);
  if (fault === "missing" || !existsSync(file)) return void response.writeHead(404).end();
  const bytes = readFileSync(file);
  if (url.startsWith(prefix)) {
    const hash = createHash("sha256").update(bytes).digest("hex");
    const stated = {
      "X-Linked-Size": bytes.length,
      "X-Linked-ETag": `"${hash}"`,
      ETag: `"${hash}"`,
    };
    response.writeHead(302, {
      Location: `/storage/${path}`,
      ...(fault === "unhashed" ? {} : stated),
    });
    return void response.end();
  }
  const body = Buffer.from(bytes);
  if (fault === "changed") body[100]! ^= 1;
  response.writeHead(200, { "Content-Length": body.length, ETag: '"an-id-of-the-storage"' });
  if (request.method === "HEAD") return void response.end();
  if (fault.startsWith("truncated")) {
    if (fault === "truncated once") fault = "none";
    response.write(body.subarray(0, 1000), () => response.destroy());
    return;
  }
  response.end(body);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "peftlab-hub-"));
  fault = "none";
  requests = [];
  said = [];
  server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(folder, { recursive: true });
});

function options(more: Record<string, string> = {}): SourceOptions {
  const { port } = server.address() as AddressInfo;
  return {
    environment: { HF_ENDPOINT: `http://127.0.0.1:${port}/`, ...more },
    folder,
    say: (line) => said.push(line),
  };
}

const kept = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.includes("parquet"),
  );

describe("GLUE from the Hub", () => {
  test.each([
    ["mrpc", 3168, 500, 408],
    ["cola", 7651, 900, 1043],
    ["stsb", 5049, 700, 1500],
  ])("%s: downloaded once, checked and split", async (name, train, validation, dev) => {
    const data = await loadTask(name, options());
    expect(data.source).toEqual({ kind: "hub", from: `nyu-mll/glue@${hubRevision.slice(0, 12)}` });
    expect([data.train.length, data.validation.length, data.test.length]).toEqual([
      train,
      validation,
      dev,
    ]);
    expect(data.test[0]).toMatchObject({ text: 'v0 "é"', target: 0 });
    expect(kept()).toHaveLength(2);

    const asked = requests.length;
    const again = await loadTask(name, options());
    expect(requests).toHaveLength(asked);
    expect(again.fingerprint).toBe(data.fingerprint);
  });

  test("the size is said before anything is fetched", async () => {
    let fetchedBefore = -1;
    await loadTask("cola", {
      ...options(),
      say: (line) => {
        said.push(line);
        fetchedBefore = requests.filter((request) => request.startsWith("GET")).length;
      },
    });
    expect(said[0]).toMatch(/CoLA: downloading 2 files, 0\.11 MB, from http:\/\/127/);
    expect(fetchedBefore).toBe(0);
  });

  test("32-bit scores are read as the decimals they stand for", async () => {
    const { test } = await loadTask("stsb", options());
    expect(test.slice(0, 4).map(({ target }) => target)).toEqual([0, 0.2, 0.4, 0.6]);
  });

  test("a download that breaks off once is taken up again", async () => {
    fault = "truncated once";
    await expect(loadTask("mrpc", options())).resolves.toBeDefined();
  });

  test("a truncated file is an error, and does not count afterwards", async () => {
    fault = "truncated";
    await expect(loadTask("mrpc", options())).rejects.toThrow(/three times/);
    expect(kept()).toEqual([]);
    fault = "none";
    await expect(loadTask("mrpc", options())).resolves.toBeDefined();
  });

  test("a file of another hash is an error", async () => {
    fault = "changed";
    await expect(loadTask("mrpc", options())).rejects.toThrow(/SHA-256 is [0-9a-f]{64}, expected/);
    expect(kept()).toEqual([]);
  });

  test("a file whose hash is not stated is an error", async () => {
    fault = "unhashed";
    await expect(loadTask("mrpc", options())).rejects.toThrow("states no SHA-256");
  });

  test("a missing file is an error that names the address", async () => {
    fault = "missing";
    await expect(loadTask("mrpc", options())).rejects.toThrow(
      /mrpc\/train-00000-of-00001\.parquet answered 404/,
    );
  });

  test("a damaged file on disk is an error that names it", async () => {
    const file = join(folder, "hub", hubRevision, "mrpc", "train-00000-of-00001.parquet");
    await loadTask("mrpc", options());
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, readFileSync(file).subarray(0, 20_000));
    await expect(loadTask("mrpc", options())).rejects.toThrow(`${file}: no readable Parquet file`);
  });
});

describe("without a network the sample corpus is used, and said", () => {
  test("nobody listens", async () => {
    const nowhere = { HF_ENDPOINT: "http://127.0.0.1:9" };
    const data = await loadTask("mrpc", options(nowhere));
    expect(data.source).toEqual({ kind: "sample", from: "data/sample/MRPC" });
    expect(said.join()).toMatch(/cannot be reached \(.+\); using the sample corpus/);
    // Told once a process, and not asked again.
    await loadTask("mrpc", options(nowhere));
    expect(said).toHaveLength(1);
  });

  test("the Hub is down", async () => {
    fault = "down";
    expect((await loadTask("mrpc", options())).source.kind).toBe("sample");
    expect(said.join()).toContain("answered 503");
  });

  test("HF_HUB_OFFLINE: nobody is asked, but what was downloaded is used", async () => {
    const offline = options({ HF_HUB_OFFLINE: "1" });
    expect((await loadTask("mrpc", offline)).source.kind).toBe("sample");
    expect(requests).toEqual([]);
    await loadTask("mrpc", options());
    expect((await loadTask("mrpc", offline)).source.kind).toBe("hub");
  });
});

describe("local folders come first", () => {
  test("a PEFTLAB_GLUE without the files is an error, not the Hub", async () => {
    await expect(loadTask("mrpc", options({ PEFTLAB_GLUE: folder }))).rejects.toThrow(
      /PEFTLAB_GLUE is .*, but there is no .*MRPC\/train\.tsv/,
    );
    expect(requests).toEqual([]);
  });

  test("another's rows in PEFTLAB_GLUE are an error", async () => {
    const sample = join(__dirname, "../../data/sample");
    await expect(loadTask("cola", options({ PEFTLAB_GLUE: sample }))).rejects.toThrow(
      /CoLA\/train\.tsv: 1000 rows, but GLUE's has 8551/,
    );
  });
});
