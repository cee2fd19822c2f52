import type { Random } from "./random";
import { indefinite, participle, past, plural } from "./sample-grammar";
import {
  adjectives,
  type Domain,
  lexicon,
  type Noun,
  type Synonyms,
  times,
} from "./sample-lexicon";

/** Who or what, how many. */
export interface Entity {
  readonly noun: Noun;
  readonly adjective: Synonyms | undefined;
  /** 1 is "the" or "a". */
  readonly count: number;
}

/** What happened; the same event can be said in many ways. */
export interface Event {
  readonly domain: Domain;
  readonly agent: Entity;
  readonly verbs: Synonyms;
  readonly object: Entity;
  readonly place: Synonyms | undefined;
  readonly time: Synonyms | undefined;
  readonly negated: boolean;
}

/** One way of saying an event. */
export interface Wording {
  readonly passive: boolean;
  readonly timeFirst: boolean;
  readonly definite: boolean;
  /** How often a word gives way to another of its meaning. */
  readonly variety: number;
}

const numbers = ["", "the", "two", "three", "four", "five", "six", "seven", "eight"];

export function entity(random: Random, noun: Noun, described = 0.35): Entity {
  return {
    noun,
    adjective: random.next() < described ? random.pick(adjectives[noun.kind]) : undefined,
    count: random.next() < 0.3 ? 2 + random.below(7) : 1,
  };
}

export function event(random: Random, domain = random.pick(lexicon)): Event {
  const action = random.pick(domain.actions);
  const object = random.pick(action.objects);
  const people = domain.people.filter((noun) => noun !== object);
  return {
    domain,
    agent: entity(random, random.pick(people)),
    verbs: action.verbs,
    object: entity(random, object),
    place: random.next() < 0.7 ? random.pick(domain.places) : undefined,
    time: random.next() < 0.7 ? random.pick(times) : undefined,
    negated: false,
  };
}

export function wording(random: Random, variety: number): Wording {
  return {
    passive: random.next() < 0.35,
    timeFirst: random.next() < 0.4,
    definite: random.next() < 0.6,
    variety,
  };
}

/** The event as a clause, without capital and full stop. */
export function clause(random: Random, what: Event, how: Wording): string {
  const word = (words: Synonyms) => (random.next() < how.variety ? random.pick(words) : words[0]);
  const phrase = ({ noun, adjective, count }: Entity) => {
    const head = word(noun.words);
    const described = `${adjective ? `${word(adjective)} ` : ""}${count > 1 ? plural(head) : head}`;
    if (count > 1) return `${numbers[count]} ${described}`;
    return how.definite ? `the ${described}` : indefinite(described);
  };
  const verb = word(what.verbs);
  const agent = phrase(what.agent);
  const object = phrase(what.object);
  const active = what.negated ? `did not ${verb}` : past(verb);
  const was = `${what.object.count > 1 ? "were" : "was"}${what.negated ? " not" : ""}`;
  const core = how.passive
    ? `${object} ${was} ${participle(verb)} by ${agent}`
    : `${agent} ${active} ${object}`;
  const place = what.place ? ` ${word(what.place)}` : "";
  if (!what.time) return core + place;
  const time = word(what.time);
  return how.timeFirst ? `${time}, ${core}${place}` : `${core}${place} ${time}`;
}

/** Parts of an event in which another can differ. */
export type Part = "agent" | "verb" | "object" | "place" | "time" | "count" | "adjective" | "roles";

/**
 * The event with one part changed to something that means something else; nothing where it has no such part.
 * A changed part stays in the domain, so the sentence still reads as the same kind of news.
 */
export function changed(random: Random, what: Event, part: Part): Event | undefined {
  const { domain, agent, object } = what;
  const other = <T>(all: readonly T[], now: T) => {
    const others = all.filter((value) => value !== now);
    return others.length > 0 ? random.pick(others) : undefined;
  };
  switch (part) {
    case "agent": {
      const noun = other(domain.people, agent.noun);
      return noun && noun.words[0] !== object.noun.words[0]
        ? { ...what, agent: { ...agent, noun } }
        : undefined;
    }
    case "verb":
      return { ...what, negated: !what.negated };
    case "object": {
      const action = domain.actions.find(({ verbs }) => verbs === what.verbs);
      const noun = other(action?.objects ?? [], object.noun);
      return noun && { ...what, object: { ...object, noun, adjective: fitting(object, noun) } };
    }
    case "place":
      return what.place && { ...what, place: other(domain.places, what.place) };
    case "time":
      return what.time && { ...what, time: other(times, what.time) };
    case "count": {
      const key = agent.count > 1 ? "agent" : object.count > 1 ? "object" : undefined;
      if (!key) return undefined;
      const count = other([2, 3, 4, 5, 6, 7, 8], what[key].count)!;
      return { ...what, [key]: { ...what[key], count } };
    }
    case "adjective": {
      const key = object.adjective ? "object" : agent.adjective ? "agent" : undefined;
      if (!key) return undefined;
      const adjective = other(adjectives[what[key].noun.kind], what[key].adjective);
      return { ...what, [key]: { ...what[key], adjective } };
    }
    case "roles":
      return object.noun.kind === "person" ? { ...what, agent: object, object: agent } : undefined;
  }
}

function fitting({ adjective }: Entity, noun: Noun): Synonyms | undefined {
  return adjective && adjectives[noun.kind].includes(adjective) ? adjective : undefined;
}
