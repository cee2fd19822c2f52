import type { Random } from "./random";
import { indefinite, ing, participle, past, plural, sentence, thirdPerson } from "./sample-grammar";
import {
  adjectives,
  adverbs,
  intransitives,
  lexicon,
  men,
  mentalVerbs,
  type Noun,
  needsArticle,
  needsObject,
  times,
  women,
} from "./sample-lexicon";

/** A sentence, and whether it is acceptable. */
export interface Judged {
  readonly text: string;
  readonly acceptable: boolean;
  /** The rule that is kept or broken. */
  readonly rule: string;
}

type Number_ = "singular" | "plural";

/** What one sentence is made of; both versions of a rule draw from it. */
interface Words {
  readonly random: Random;
  readonly number: Number_;
  /** "the old sailor", "the sailors". */
  readonly person: string;
  readonly other: string;
  /** Base form of a verb, and a thing it can be done to. */
  readonly verb: string;
  readonly thing: string;
  /** The thing's noun alone, singular. */
  readonly noun: string;
  readonly kind: Noun["kind"];
  readonly place: string;
  readonly time: string;
  readonly adverb: string;
}

function words(random: Random): Words {
  const any = (lists: readonly (readonly string[])[]) => random.pick(random.pick(lists));
  const number = (plurals: number): Number_ => (random.next() < plurals ? "plural" : "singular");
  const phrase = (word: string, of: Number_, kind: Noun["kind"]) => {
    const adjective = random.next() < 0.4 ? any(adjectives[kind]) : "";
    return `the ${adjective} ${of === "plural" ? plural(word) : word}`;
  };
  const domain = random.pick(lexicon);
  const action = random.pick(domain.actions);
  const { words: nouns, kind } = random.pick(action.objects);
  const noun = random.pick(nouns);
  const subject = number(0.5);
  const person = () => random.pick(random.pick(random.pick(lexicon).people).words);
  return {
    random,
    number: subject,
    person: phrase(random.pick(random.pick(domain.people).words), subject, "person"),
    other: phrase(person(), number(0.5), "person"),
    verb: random.pick(action.verbs),
    thing: phrase(noun, number(0.3), kind),
    noun,
    kind,
    place: any(domain.places),
    time: any(times),
    adverb: any(adverbs),
  };
}

/** A rule's sentence, kept or broken; nothing where the words would make the rule moot. */
type Rule = (words: Words, keep: boolean) => string | undefined;

const be = (number: Number_) => (number === "plural" ? "were" : "was");
const have = (number: Number_) => (number === "plural" ? "have" : "has");
const flipped = (number: Number_): Number_ => (number === "plural" ? "singular" : "plural");
const agreeing = (number: Number_, keep: boolean) => (keep ? number : flipped(number));
const present = (verb: string, number: Number_) => (number === "plural" ? verb : thirdPerson(verb));

const rules: Readonly<Record<string, Rule>> = {
  /** Subject and verb agree, across a phrase between them. */
  agreement: (w, keep) => {
    const number = agreeing(w.number, keep);
    return w.random.pick([
      () => sentence(`${w.person} ${w.place} ${present(w.verb, number)} ${w.thing} every day`),
      () => sentence(`${w.person} near ${w.other} ${be(number)} ${ing(w.verb)} ${w.thing}`),
      () => sentence(`${w.person} ${have(number)} ${participle(w.verb)} ${w.thing} ${w.place}`),
    ])();
  },
  /** Determiner and noun agree in number. */
  determiner: (w, keep) => {
    if (plural(w.noun) === w.noun) return undefined;
    const singular = w.random.next() < 0.5;
    const determiner = w.random.pick(
      singular
        ? ["this", "every", "each", "another"]
        : ["these", "those", "many", "several", "two"],
    );
    const noun = singular === keep ? w.noun : plural(w.noun);
    return sentence(`${w.person} ${past(w.verb)} ${determiner} ${noun} ${w.place}`);
  },
  /** A reflexive agrees with its antecedent. */
  reflexive: (w, keep) => {
    const woman = w.random.next() < 0.5;
    const name = w.random.pick(woman ? women : men);
    const wrong = woman ? ["himself", "themselves"] : ["herself", "themselves"];
    const reflexive = keep ? (woman ? "herself" : "himself") : w.random.pick(wrong);
    const verb = w.random.pick(["saw", "praised", "hurt", "blamed", "described", "photographed"]);
    return sentence(`${name} ${verb} ${reflexive} ${w.place} ${w.time}`);
  },
  /** A transitive verb has its object. */
  object: (w, keep) =>
    needsObject(w.verb)
      ? sentence(`${w.person} ${past(w.verb)} ${keep ? w.thing : ""} ${w.place} ${w.time}`)
      : undefined,
  /** A finite clause has its subject. */
  subject: (w, keep) =>
    sentence(`${w.time} ${keep ? w.person : ""} ${past(w.verb)} ${w.thing} ${w.place}`),
  /** An intransitive verb takes no object. */
  intransitive: (w, keep) => {
    const verb = past(w.random.pick(w.random.pick(intransitives)));
    return sentence(`${w.person} ${verb} ${keep ? w.adverb : w.thing} ${w.place}`);
  },
  /** An auxiliary asks for one form of the verb. */
  form: (w, keep) => {
    const right = { will: w.verb, must: w.verb, have: participle(w.verb), be: ing(w.verb) };
    const kind = w.random.pick(["will", "must", "have", "be"] as const);
    const auxiliary = kind === "have" ? have(w.number) : kind === "be" ? be(w.number) : kind;
    // After "be" a participle may be a passive: "the farmers were sold the barn".
    const forms = kind === "be" ? [w.verb] : [w.verb, participle(w.verb), ing(w.verb)];
    const wrong = forms.filter((form) => form !== right[kind]);
    const form = keep ? right[kind] : w.random.pick(wrong);
    return sentence(`${w.person} ${auxiliary} ${form} ${w.thing} ${w.place}`);
  },
  /** Subject, verb, object: in this order, the determiner before its noun. */
  order: (w, keep) => {
    const verb = past(w.verb);
    if (keep) return sentence(`${w.person} ${verb} ${w.thing} ${w.time}`);
    const [determiner, ...noun] = w.thing.split(" ");
    return w.random.pick([
      () => sentence(`${w.person} ${w.thing} ${verb} ${w.time}`),
      () => sentence(`${verb} ${w.thing} ${w.person} ${w.time}`),
      () => sentence(`${w.person} ${verb} ${noun.join(" ")} ${determiner} ${w.time}`),
    ])();
  },
  /** A question word fills the verb's gap, and nothing else does. */
  gap: (w, keep) =>
    sentence(`what did ${w.person} ${w.verb} ${keep ? "" : w.thing} ${w.place}`, "?"),
  /** A passive has "be" and the participle, and "by" has its phrase. */
  passive: (w, keep) => {
    if (keep) return sentence(`the ${w.noun} was ${participle(w.verb)} by ${w.person} ${w.time}`);
    if (participle(w.verb) === w.verb) return undefined;
    return w.random.pick([
      () => sentence(`the ${w.noun} was ${w.verb} by ${w.person} ${w.time}`),
      () => sentence(`the ${w.noun} was ${participle(w.verb)} ${w.person} ${w.time}`),
      () => sentence(`the ${w.noun} was ${participle(w.verb)} by ${w.time}`),
    ])();
  },
  /** Only what has a mind believes or fears. */
  selection: (w, keep) => {
    if (w.kind === "person") return undefined;
    const verb = past(w.random.pick(w.random.pick(mentalVerbs)));
    const thing = `the ${w.noun}`;
    return keep
      ? sentence(`${w.person} ${verb} ${w.other} ${w.place}`)
      : sentence(`${thing} ${verb} ${w.other} ${w.place}`);
  },
  /** One mark of the comparative. */
  comparative: (w, keep) => {
    if (w.kind !== "thing") return undefined;
    const adjective = w.random.pick(["older", "smaller", "newer", "larger"]);
    const other = w.random.pick(["the others", "the last one", "this one", "all the others"]);
    return sentence(
      `the ${w.noun} ${w.place} was ${keep ? "" : "more"} ${adjective} than ${other}`,
    );
  },
  /** A singular count noun has a determiner. */
  article: (w, keep) =>
    needsArticle(w.noun)
      ? sentence(`${w.person} ${past(w.verb)} ${keep ? indefinite(w.noun) : w.noun} ${w.place}`)
      : undefined,
  /** A verb of saying, asking or making takes its own kind of clause. */
  clause: (w, keep) => {
    const [verb, right, wrong] = w.random.pick([
      ["said", `that ${w.other} ${past(w.verb)}`, `${w.other} to ${w.verb}`],
      ["persuaded", `${w.other} to ${w.verb}`, `that ${w.other} ${past(w.verb)}`],
      ["wondered", `whether ${w.other} ${past(w.verb)}`, `that ${w.other} to ${w.verb}`],
      ["promised", `to ${w.verb}`, ing(w.verb)],
      ["enjoyed", ing(w.verb), `to ${past(w.verb)}`],
      ["let", `${w.other} ${w.verb}`, `${w.other} to ${w.verb}`],
    ] as const);
    return sentence(`${w.person} ${verb} ${keep ? right : wrong} ${w.thing}`);
  },
};

const ruleNames = Object.keys(rules);

/** `count` different sentences, `share` of them acceptable, the rules in turn. */
export function judgedSentences(
  random: Random,
  count: number,
  share: number,
  seen: Set<string>,
): Judged[] {
  const judged: Judged[] = [];
  while (judged.length < count) {
    const rule = ruleNames[judged.length % ruleNames.length]!;
    const acceptable = judged.length < share * count;
    const text = rules[rule]!(words(random), acceptable);
    if (text === undefined || seen.has(text)) continue;
    seen.add(text);
    judged.push({ text, acceptable, rule });
  }
  return random.shuffle(judged);
}
