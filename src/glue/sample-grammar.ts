/** English word forms, as far as the sample corpus needs them. */

const plurals: Readonly<Record<string, string>> = {
  child: "children",
  fisherman: "fishermen",
  policeman: "policemen",
  seaman: "seamen",
  midwife: "midwives",
  sheep: "sheep",
  calf: "calves",
  knife: "knives",
  loaf: "loaves",
  thief: "thieves",
  fish: "fish",
};

const pasts: Readonly<Record<string, readonly [past: string, participle: string]>> = {
  arrive: ["arrived", "arrived"],
  beat: ["beat", "beaten"],
  burn: ["burned", "burned"],
  buy: ["bought", "bought"],
  catch: ["caught", "caught"],
  cut: ["cut", "cut"],
  draw: ["drew", "drawn"],
  fall: ["fell", "fallen"],
  feed: ["fed", "fed"],
  find: ["found", "found"],
  forget: ["forgot", "forgotten"],
  hang: ["hung", "hung"],
  hurt: ["hurt", "hurt"],
  lose: ["lost", "lost"],
  make: ["made", "made"],
  put: ["put", "put"],
  read: ["read", "read"],
  ride: ["rode", "ridden"],
  say: ["said", "said"],
  sell: ["sold", "sold"],
  shear: ["sheared", "shorn"],
  shut: ["shut", "shut"],
  sing: ["sang", "sung"],
  sink: ["sank", "sunk"],
  sleep: ["slept", "slept"],
  steal: ["stole", "stolen"],
  take: ["took", "taken"],
  tear: ["tore", "torn"],
  throw: ["threw", "thrown"],
  wake: ["woke", "woken"],
  weep: ["wept", "wept"],
  win: ["won", "won"],
  write: ["wrote", "written"],
};

/** Verbs that double their last consonant. */
const doubling = new Set(["chat", "clip", "drop", "fit", "plan", "rip", "spot", "tip", "wrap"]);
const doublingInIng = new Set([...doubling, "cut", "forget", "put", "shut", "win"]);

export function plural(noun: string): string {
  return plurals[noun] ?? withS(noun);
}

/** Only a phrasal verb's first word is inflected: "cut down" gives "cutting down". */
function inflected(verb: string, form: (word: string) => string): string {
  const [word, ...particle] = verb.split(" ") as [string, ...string[]];
  return [form(word), ...particle].join(" ");
}

export function thirdPerson(verb: string): string {
  return inflected(verb, withS);
}

export function past(verb: string): string {
  return inflected(verb, (word) => pasts[word]?.[0] ?? withEd(word));
}

export function participle(verb: string): string {
  return inflected(verb, (word) => pasts[word]?.[1] ?? withEd(word));
}

export function ing(verb: string): string {
  return inflected(verb, (word) => {
    if (doublingInIng.has(word)) return `${word}${word.at(-1)}ing`;
    return word.endsWith("e") && !word.endsWith("ee") ? `${word.slice(0, -1)}ing` : `${word}ing`;
  });
}

/** "a" or "an" by the next word's first letter, which holds for every word of the lexicon but "hour" and "unit". */
export function indefinite(words: string): string {
  return `${/^[aeiou]/i.test(words) ? "an" : "a"} ${words}`;
}

/** Words to a sentence: a capital in front, a mark at the end. */
export function sentence(words: string, mark = "."): string {
  const text = words.replace(/\s+/g, " ").trim();
  return `${text[0]!.toUpperCase()}${text.slice(1)}${mark}`;
}

function withS(word: string): string {
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (word === "tomato" || word === "potato") return `${word}es`;
  return `${word}s`;
}

function withEd(word: string): string {
  if (doubling.has(word)) return `${word}${word.at(-1)}ed`;
  if (word.endsWith("e")) return `${word}d`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ied` : `${word}ed`;
}
