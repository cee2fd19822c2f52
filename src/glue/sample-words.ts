/**
 * The words of the sample corpus, by domain. Words with a slash between them mean the same.
 * An action is its verbs and, after the colon, what it can be done to.
 */
interface DomainWords {
  readonly people: string;
  readonly actions: string;
  readonly places: string;
}

export const domains: Readonly<Record<string, DomainWords>> = {
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
export const otherPeople =
  "swimmer child kid boy girl athlete widow grandmother relative demonstrator witness suspect minister tourist " +
  "opponent rival champion favourite model";
export const abstract =
  "essay poem report test exam exercise password lesson schedule timetable rule theorem formula problem song novel " +
  "project infection clinic ward diet form contract article interview concert parade meeting festival election prize " +
  "award lawsuit contest offer proposal plan appeal budget merger law ballad anthem lullaby sonata tune melody role " +
  "part march album speech orchestra crowd team exhibition storm breakfast recipe station airport";
/** Nouns that go without an article too. */
export const mass =
  "soup salad stew sauce breakfast toast cake pie steak onion melon ham tomato cheese pudding dessert broth coffee " +
  "glass drug medicine ointment fish chicken lamb pine oak willow rope stone rock text wool role part";
/** Verbs that go without an object too. */
export const optional =
  "prepare burn wash slice cut order request paint load spill sink read write draw sketch sing play perform record " +
  "correct mark borrow forget explain finish sell buy feed plant water call phone visit dress wake clean wipe sign " +
  "open close shut publish win attack photograph applaud cheer tear rip kick ride climb cross catch throw steal check " +
  "rent hire shatter smash scorch inspect approve fill shear clip model taste sample";
