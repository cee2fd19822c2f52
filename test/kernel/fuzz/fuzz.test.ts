import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version as typescript } from "typescript";
import { expect, test } from "vitest";
import { root } from "../../../src/setup/paths";
import { rounds } from "../../setup/campaign";
import { type Campaign, campaign } from "./campaign";

const seed = 4;
const cases = rounds(200, 2000);
/** Each on a core of its own. */
const lanes = 2;

/** `PEFTLAB_FUZZ=17` or `PEFTLAB_FUZZ=0-17`: only these cases, to look at one that failed. */
const [first, last] = process.env.PEFTLAB_FUZZ?.split("-").map(Number) ?? [];

/** The campaign's result, kept when all of it was run. */
const result = join(root, "data", "fuzz", "kernel.json");

async function whole(): Promise<Campaign> {
  const part = cases / lanes;
  const parts = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => campaign(seed, lane * part, (lane + 1) * part - 1)),
  );
  const outcomes: Campaign["outcomes"] = {};
  for (const { outcomes: found } of parts)
    for (const [kind, counts] of Object.entries(found)) {
      outcomes[kind] ??= {};
      for (const [outcome, count] of Object.entries(counts))
        outcomes[kind][outcome] = (outcomes[kind][outcome] ?? 0) + count;
    }
  return { outcomes, failures: parts.flatMap(({ failures }) => failures) };
}

/** Names in order, so that two results can be compared. */
function sorted(outcomes: Campaign["outcomes"]): Campaign["outcomes"] {
  const inOrder = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  const kinds = Object.entries(outcomes).map(([kind, counts]) => [kind, inOrder(counts)]);
  return inOrder(Object.fromEntries(kinds));
}

test(
  `after each of ${cases} hostile cells and messages the kernel answers (seed ${seed})`,
  async () => {
    const found = first === undefined ? await whole() : await campaign(seed, first, last ?? first);
    if (process.env.PEFTLAB_LONG && first === undefined) {
      mkdirSync(join(result, ".."), { recursive: true });
      const versions = { node: process.versions.node, v8: process.versions.v8, typescript };
      const failures = found.failures.length;
      const written = { seed, cases, failures, versions, outcomes: sorted(found.outcomes) };
      writeFileSync(result, `${JSON.stringify(written, null, 2)}\n`);
    }
    expect(found.failures.join("\n\n")).toBe("");
  },
  4 * 3_600_000,
);
