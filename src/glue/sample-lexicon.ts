import { abstract, domains, mass, optional, otherPeople } from "./sample-words";

/** Words that mean the same; the first is the usual one. */
export type Synonyms = readonly [string, ...string[]];

export interface Noun {
  readonly words: Synonyms;
  readonly kind: "person" | "thing" | "abstract";
}

export interface Action {
  readonly verbs: Synonyms;
  readonly objects: readonly Noun[];
}

export interface Domain {
  readonly name: string;
  readonly people: readonly Noun[];
  readonly actions: readonly Action[];
  readonly places: readonly Synonyms[];
}

function synonyms(words: string): Synonyms {
  return words.trim().split("/") as [string, ...string[]];
}

function list(words: string): Synonyms[] {
  return words.split(",").map(synonyms);
}

/** "by the river/stream": the alternatives are of the last word. */
function place(words: string): Synonyms {
  const [first, ...others] = synonyms(words);
  const stem = first.slice(0, first.lastIndexOf(" "));
  return [first, ...others.map((word) => `${stem} ${word}`)];
}

const people = new Set([
  ...otherPeople.split(" "),
  ...Object.values(domains).flatMap((words) => list(words.people).flat()),
]);
const abstractNouns = new Set(abstract.split(" "));
const massNouns = new Set(mass.split(" "));
const optionalVerbs = new Set(optional.split(" "));

function noun(words: Synonyms): Noun {
  const kind = people.has(words[0]) ? "person" : abstractNouns.has(words[0]) ? "abstract" : "thing";
  return { words, kind };
}

export const lexicon: readonly Domain[] = Object.entries(domains).map(([name, words]) => ({
  name,
  people: list(words.people).map(noun),
  actions: words.actions.split("\n").map((line) => {
    const [verbs, objects] = line.split(":") as [string, string];
    return { verbs: synonyms(verbs), objects: list(objects).map(noun) };
  }),
  places: words.places.split(",").map(place),
}));

export function needsArticle(word: string): boolean {
  return !massNouns.has(word);
}

export function needsObject(verb: string): boolean {
  return !optionalVerbs.has(verb);
}

/** Adjectives by what they can be said of. */
export const adjectives: Readonly<Record<Noun["kind"], readonly Synonyms[]>> = {
  person: list(
    "young, old/elderly, tall, famous/well-known, tired/weary, brave/courageous, rich/wealthy, shy/timid, " +
      "clever/smart, angry/furious, happy/cheerful, careful/cautious, foreign, local, nervous, retired, polite",
  ),
  thing: list(
    "old, new, large/big, small/little, heavy, damaged, beautiful/lovely, expensive/costly, strange/odd, " +
      "blue, green, yellow, dirty/filthy, enormous/huge, cheap, ugly, tiny",
  ),
  abstract: list(
    "old, new, long/lengthy, short/brief, strange/odd, difficult/hard, famous/well-known, boring/dull, annual",
  ),
};

export const times: readonly Synonyms[] = [
  ...list("on Monday, on Tuesday, on Wednesday, on Thursday, on Friday, on Saturday, on Sunday"),
  ...list("last week, last month, last year, in January, in March, in April, in June, in August"),
  ...list("at noon/at midday, at midnight, at dawn/at daybreak, at dusk/at nightfall"),
];

export const adverbs = list(
  "quickly/rapidly, slowly, quietly/silently, carefully/cautiously, secretly, happily/cheerfully, angrily, " +
    "suddenly/abruptly, finally/eventually, proudly",
);

export const intransitives = list(
  "sleep, arrive, laugh, smile, vanish/disappear, sneeze, yawn, wait, cry/weep, hesitate, fall, snore, blush, faint",
);

export const mentalVerbs = list("believe, admire, envy, remember, fear, suspect, trust, regret");

export const women = list(
  "Anna, Maria, Julia, Helen, Sarah, Ruth, Clara, Emma, Alice, Laura",
).flat();
export const men = list(
  "Peter, Martin, Paul, David, Thomas, Victor, Simon, Oscar, Daniel, Henry",
).flat();

export const reporters = list(
  "a spokesman/a spokesperson, the police, a witness/an onlooker, the newspaper, officials/authorities, the manager, a neighbour",
);
