import type { Random } from "./random";
import { changed, clause, type Event, event, type Part, wording } from "./sample-event";
import { sentence } from "./sample-grammar";
import { reporters, type Synonyms } from "./sample-lexicon";

export interface ParaphrasePair {
  readonly texts: readonly [string, string];
  readonly equivalent: boolean;
}

/** A piece of news: an event, perhaps what came before it, and who said so. */
interface News {
  readonly main: Event;
  readonly before: Event | undefined;
  readonly reporter: Synonyms | undefined;
}

const parts: readonly Part[] = ["agent", "object", "place", "time", "count", "verb", "roles"];

/**
 * `count` pairs, `share` of them equivalent. Both kinds are reworded alike (other words of the same meaning, passive,
 * order of clauses, place of the reporter); the others differ in one or two facts besides.
 */
export function paraphrasePairs(
  random: Random,
  count: number,
  share: number,
  seen: Set<string>,
): ParaphrasePair[] {
  const pairs: ParaphrasePair[] = [];
  let first: { news: News; text: string } | undefined;
  while (pairs.length < count) {
    // Some sentences stand in two pairs, as they do in MRPC.
    if (!first || random.next() > 0.15) {
      const drawn = news(random);
      first = { news: drawn, text: told(random, drawn) };
      if (seen.has(first.text)) {
        first = undefined;
        continue;
      }
    }
    const equivalent = pairs.length < share * count;
    const second = told(random, equivalent ? first.news : altered(random, first.news));
    if (second === first.text || seen.has(second)) continue;
    seen.add(first.text).add(second);
    pairs.push({ texts: [first.text, second], equivalent });
  }
  return random.shuffle(pairs);
}

function news(random: Random): News {
  const main = event(random);
  return {
    main,
    before:
      random.next() < 0.2
        ? { ...event(random, main.domain), time: undefined, place: undefined }
        : undefined,
    reporter: random.next() < 0.5 ? random.pick(reporters) : undefined,
  };
}

function altered(random: Random, { main, before, reporter }: News): News {
  let result = main;
  for (let changes = random.next() < 0.5 ? 1 : 2; changes > 0; ) {
    const next = changed(random, result, random.pick(parts));
    if (!next) continue;
    result = next;
    changes--;
  }
  return { main: result, before, reporter };
}

function told(random: Random, { main, before, reporter }: News): string {
  const how = wording(random, 0.5);
  const fact = clause(random, main, before ? { ...how, timeFirst: false } : how);
  const earlier = before && clause(random, before, wording(random, 0.5));
  const whole = !earlier
    ? fact
    : random.next() < 0.5
      ? `after ${earlier}, ${fact}`
      : `${fact} after ${earlier}`;
  if (!reporter) return sentence(whole);
  const who = random.pick(reporter);
  return random.next() < 0.5
    ? sentence(`${who} said that ${whole}`)
    : sentence(`${whole}, ${who} said`);
}
