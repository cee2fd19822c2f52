/**
 * The words of the sample corpus, by domain. Words with a slash between them mean the same.
 * An action is its verbs and, after the colon, what it can be done to.
 */
interface DomainWords {
  readonly people: string;
  readonly actions: string;
  readonly places: string;
}

const domains: Readonly<Record<string, DomainWords>> = {
  kitchen: {
    people: "cook/chef, waiter, baker, guest/visitor, butcher, trainee/apprentice, cleaner",
    actions: `prepare/make: soup, salad, stew, sauce, sandwich, breakfast
      burn/scorch: pancake, cake, pie, steak
      wash/rinse: pan, plate, knife, glass, bowl
      smash/shatter: jug, plate, teapot, glass
      slice/cut: onion, loaf, melon, ham, tomato
      taste/sample: sauce, cheese, pudding/dessert, broth
      spill/tip over: jug, bucket, cup
      cover/wrap: basket, cake, cheese
      order/request: coffee, pudding/dessert, sandwich`,
    places: "in the kitchen, behind the counter, at the market, in the canteen, near the oven",
  },
  harbour: {
    people:
      "captain/skipper, sailor/seaman, fisherman, diver, passenger/traveller, pilot, smuggler",
    actions: `paint/coat: boat/vessel, mast, cabin, bridge
      repair/mend/fix: net, engine/motor, sail, pump, rudder
      load/fill: barge, ferry, crate/box, container
      sink/scuttle: barge, yacht, raft
      inspect/examine/check: parcel/package, engine/motor, anchor, passport
      steal/take: compass, lantern, map/chart, rope
      rescue/save: swimmer, sailor/seaman, child/kid, tourist
      spot/notice: whale, lighthouse, iceberg, storm
      rent/hire: boat/vessel, cabin, yacht`,
    places: "in the harbour, on the pier, off the coast, near the lighthouse, at the shipyard",
  },
  school: {
    people: "teacher, pupil/student, principal/headmaster, librarian, tutor, parent, coach/trainer",
    actions: `read: book, essay, poem, letter, report
      correct/mark: essay, test/exam, exercise
      borrow: book, dictionary, ruler, calculator
      praise/commend: pupil/student, tutor, team, drawing
      scold/rebuke: pupil/student, boy, girl, trainee/apprentice
      draw/sketch: map/chart, triangle, portrait, castle
      forget: password, poem, lesson, schedule/timetable
      explain: rule, theorem, formula, problem
      write: novel, poem, letter, song
      finish/complete: essay, exercise, project, lesson`,
    places: "in the classroom, in the library, at the school, in the playground, at the museum",
  },
  farm: {
    people: "farmer/grower, shepherd, gardener, vet/veterinarian, miller, hunter, neighbour",
    actions: `feed: goat, horse, pig/hog, chicken, calf
      sell: cow, tractor, barn, farm, orchard
      buy/purchase: horse, plough, field, tractor, pony
      plant: tree, hedge, rose, vine
      water: garden, field, rose, lawn
      chase/pursue: fox, rabbit/hare, thief/robber, dog/hound
      shear/clip: sheep, hedge, lamb
      cut down/fell: oak, pine, hedge, willow
      mend/repair/fix: fence, gate, roof, well
      find/discover: nest, mushroom, bone, coin`,
    places: "on the farm, in the barn, behind the mill, in the meadow, by the river/stream",
  },
  hospital: {
    people: "doctor/physician, nurse, patient, surgeon, dentist, pharmacist/chemist, midwife",
    actions: `treat/cure: patient, athlete, infection, wound
      visit: patient, grandmother, clinic, ward
      bandage/dress: wound, knee, wrist, ankle
      prescribe: drug/medicine, diet, ointment
      lose/misplace: file/folder, key, form, thermometer
      comfort/console: patient, widow, child/kid
      wake/rouse: patient, surgeon, nurse
      clean/wipe: bed, needle, table, window
      call/phone: ambulance, surgeon, relative, pharmacist/chemist
      sign: form, report, contract, certificate`,
    places: "in the clinic, in the ward, at the hospital, in the waiting room, at the pharmacy",
  },
  city: {
    people:
      "mayor, policeman/constable, lawyer/attorney, judge, journalist/reporter, tourist, burglar",
    actions: `arrest/detain: burglar, demonstrator, thief/robber, smuggler
      question/interview: witness, suspect, mayor, minister
      open: bank, tunnel, shop/store, station, exhibition
      close/shut: bridge, factory/plant, road/street, shop/store
      publish/print: article, photograph/photo, letter, interview
      cancel/call off: concert, parade, meeting, festival
      win: election, prize/award, lawsuit, contest
      reject/turn down: offer/proposal, plan, appeal, budget
      approve/back: plan, budget, offer/proposal, merger
      criticise/attack: minister, budget, law, mayor`,
    places: "in the city/town, at the station, in the square, at the town hall, near the airport",
  },
  theatre: {
    people:
      "actor/performer, singer/vocalist, dancer, director, painter, violinist, critic/reviewer",
    actions: `sing: song, ballad, anthem, lullaby
      play/perform: sonata, tune/melody, role/part, march
      admire: painting/picture, statue, costume, dancer
      photograph: actor/performer, ballroom, model, crowd
      tune: violin, piano, guitar, harp
      record/tape: song, concert, album, speech
      applaud/cheer: singer/vocalist, orchestra, speech, dancer
      carry/haul: ladder, trunk, drum, curtain
      tear/rip: curtain, costume, ticket, poster
      hang/put up: painting/picture, poster, lamp, mirror`,
    places: "on the stage, in the theatre, in the gallery, at the opera, in the studio",
  },
  sport: {
    people:
      "athlete, goalkeeper/keeper, cyclist, referee/umpire, swimmer, climber/mountaineer, boxer",
    actions: `throw/hurl/toss: ball, javelin, stone/rock, helmet
      kick: ball, door, bucket, opponent/rival
      catch: ball, bus, fish, train
      lift/raise: trophy/cup, weight, flag, barrel
      beat/defeat: opponent/rival, champion, favourite, team
      ride: bicycle/bike, horse, pony, motorbike/motorcycle
      climb/scale: wall, mountain/peak, ladder, tower
      drop: racket, bottle, trophy/cup, glove
      injure/hurt: knee, shoulder, opponent/rival, ankle
      cross: desert, river/stream, bridge, lake`,
    places: "in the stadium/arena, at the pool, in the park, on the beach, in the gym",
  },
};

/** Objects of actions that are people besides those the domains list. */
const otherPeople =
  "swimmer child kid boy girl athlete widow grandmother relative demonstrator witness suspect minister tourist " +
  "opponent rival champion favourite model";
const abstract =
  "essay poem report test exam exercise password lesson schedule timetable rule theorem formula problem song novel " +
  "project infection clinic ward diet form contract article interview concert parade meeting festival election prize " +
  "award lawsuit contest offer proposal plan appeal budget merger law ballad anthem lullaby sonata tune melody role " +
  "part march album speech orchestra crowd team exhibition storm breakfast recipe station airport";
/** Nouns that go without an article too. */
const mass =
  "soup salad stew sauce breakfast toast cake pie steak onion melon ham tomato cheese pudding dessert broth coffee " +
  "glass drug medicine ointment fish chicken lamb pine oak willow rope stone rock text wool role part";
/** Verbs that go without an object too. */
const optional =
  "prepare burn wash slice cut order request paint load spill sink read write draw sketch sing play perform record " +
  "correct mark borrow forget explain finish sell buy feed plant water call phone visit dress wake clean wipe sign " +
  "open close shut publish win attack photograph applaud cheer tear rip kick ride climb cross catch throw steal check " +
  "rent hire shatter smash scorch inspect approve fill shear clip model taste sample";

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
