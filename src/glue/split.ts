import { type Random, seeded } from "./random";

/** What a part is carved by: which texts a row has, and which stratum it belongs to. */
interface Carvable {
  readonly text: string;
  readonly pair?: string;
}

/**
 * Carves `size` rows out of `rows`: no text stands on both sides, and every stratum gives its share.
 * The parts keep the rows' order and depend on the rows and `seed` only. Fewer than `size` rows are carved when the
 * groups of rows that share texts are too large to fit.
 */
export function carve<T extends Carvable>(
  rows: readonly T[],
  size: number,
  stratum: (row: T) => string,
  seed: string,
): { kept: T[]; carved: T[] } {
  const strata = rows.map(stratum);
  const quota = quotas(strata, size);
  const taken = new Set<number>();
  const groups = seeded(seed).shuffle(groupByText(rows));

  const take = (group: readonly number[]) => {
    for (const row of group) {
      taken.add(row);
      quota.set(strata[row]!, quota.get(strata[row]!)! - 1);
    }
  };
  for (const group of groups) {
    const needed = tally(group.map((row) => strata[row]!));
    if ([...needed].every(([name, count]) => count <= quota.get(name)!)) take(group);
  }
  // A stratum made of large groups can leave its quota open: others fill it, so that the size is exact.
  for (const group of groups) {
    if (!taken.has(group[0]!) && taken.size + group.length <= size) take(group);
  }
  return {
    kept: rows.filter((_, index) => !taken.has(index)),
    carved: rows.filter((_, index) => taken.has(index)),
  };
}

/**
 * The first `fraction` of rows drawn without replacement, stratified. For one seed a smaller fraction's rows are
 * among a larger one's, and the rows keep their order.
 */
export function nestedSubset<T>(
  rows: readonly T[],
  fraction: number,
  stratum: (row: T) => string,
  seed: string,
): T[] {
  if (!(fraction > 0 && fraction <= 1))
    throw new RangeError(`fraction is ${fraction}, expected a number above 0 and up to 1`);
  const random = seeded(seed);
  const members = new Map<string, number[]>();
  rows.forEach((row, index) => {
    const name = stratum(row);
    const others = members.get(name);
    if (others) others.push(index);
    else members.set(name, [index]);
  });
  // A stratum's k-th row of n comes at place (k + u) / n, so every prefix holds each stratum's share.
  const places = [...members.values()].flatMap((indices) => placed(indices, random));
  places.sort((a, b) => a.place - b.place);
  const chosen = new Set(
    places.slice(0, Math.max(1, Math.round(fraction * rows.length))).map(({ index }) => index),
  );
  return rows.filter((_, index) => chosen.has(index));
}

function placed(indices: readonly number[], random: Random) {
  return random
    .shuffle(indices)
    .map((index, k) => ({ index, place: (k + random.next()) / indices.length }));
}

/** Indices of rows joined by equal texts, directly or through other rows (union-find); white space at the edges is ignored. */
export function groupByText(rows: readonly Carvable[]): number[][] {
  const parent = rows.map((_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root]!;
    while (parent[index] !== root) [parent[index], index] = [root, parent[index]!];
    return root;
  };
  const first = new Map<string, number>();
  rows.forEach((row, index) => {
    for (const text of row.pair === undefined ? [row.text] : [row.text, row.pair]) {
      const key = text.trim();
      const other = first.get(key);
      if (other === undefined) first.set(key, index);
      else parent[find(index)] = find(other);
    }
  });
  const groups = new Map<number, number[]>();
  for (const index of parent.keys()) {
    const root = find(index);
    const group = groups.get(root);
    if (group) group.push(index);
    else groups.set(root, [index]);
  }
  return [...groups.values()];
}

/** Shares of `size` in proportion to the strata, by largest remainder. */
function quotas(strata: readonly string[], size: number): Map<string, number> {
  const counts = [...tally(strata)].map(([name, count]) => {
    const share = (size * count) / strata.length;
    return { name, whole: Math.floor(share), rest: share - Math.floor(share) };
  });
  let open = size - counts.reduce((sum, { whole }) => sum + whole, 0);
  const byRest = [...counts].sort((a, b) => b.rest - a.rest || (a.name < b.name ? -1 : 1));
  return new Map(byRest.map(({ name, whole }) => [name, whole + (open-- > 0 ? 1 : 0)]));
}

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
