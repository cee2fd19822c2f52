import type { Random } from "./random";
import { changed, clause, type Event, event, type Part, wording } from "./sample-event";
import { sentence } from "./sample-grammar";

export interface GradedPair {
  readonly texts: readonly [string, string];
  /** 0 (nothing in common) to 5 (the same meaning). */
  readonly score: number;
  readonly domain: string;
}

/** What a difference takes off the 5 of a paraphrase. */
const costs: Readonly<Partial<Record<Part, number>>> = {
  adjective: 0.6,
  time: 0.8,
  count: 0.8,
  place: 1,
  agent: 1.4,
  object: 1.8,
  verb: 2,
};
const parts = Object.keys(costs) as Part[];

/** `count` pairs whose scores spread over the range: reworded, differing in one to four parts, or of another event. */
export function gradedPairs(random: Random, count: number, seen: Set<string>): GradedPair[] {
  const pairs: GradedPair[] = [];
  let first: { event: Event; text: string } | undefined;
  while (pairs.length < count) {
    if (!first || random.next() > 0.12) {
      const drawn = event(random);
      first = { event: drawn, text: told(random, drawn) };
      if (seen.has(first.text)) {
        first = undefined;
        continue;
      }
    }
    const { other, distance } = partner(random, first.event);
    const second = told(random, other);
    if (second === first.text || seen.has(second)) continue;
    seen.add(first.text).add(second);
    pairs.push({
      texts: [first.text, second],
      score: graded(random, 5 - distance),
      domain: first.event.domain.name,
    });
  }
  return random.shuffle(pairs);
}

function partner(random: Random, what: Event): { other: Event; distance: number } {
  const kind = random.next();
  if (kind < 0.12) return { other: event(random), distance: 5 };
  if (kind < 0.24) return { other: event(random, what.domain), distance: 4 };
  let other = what;
  let distance = 0;
  const most = random.below(5);
  for (const part of random.shuffle(parts).slice(0, most)) {
    const next = changed(random, other, part);
    if (!next) continue;
    other = next;
    distance += costs[part]!;
  }
  return { other, distance: Math.min(distance, 4) };
}

/** The mean of five judges who differ a little, as STS-B's scores are. */
function graded(random: Random, score: number): number {
  let sum = 0;
  for (let judge = 0; judge < 5; judge++)
    sum += Math.max(0, Math.min(5, Math.round(score + 1.6 * random.next() - 0.8)));
  return sum / 5;
}

function told(random: Random, what: Event): string {
  return sentence(clause(random, what, wording(random, 0.4)));
}
