import { checkState, checkTrains } from "./definition";
import { checkFeed } from "./feed";
import { scoped } from "./memory";
import { optimizerFeeds } from "./optimizer-graph";
import { type FeedTensor, Session } from "./session";
import { type Branch, keptLosses, StepGraph } from "./step-graph";
import { checkDevice } from "./tensorflow";
import type { Feed, Step, StepDefinition, Update } from "./types";

/**
 * Records the step's functions once and replays them as one TensorFlow graph, with the parameters and the optimiser
 * in it, on batches of any size.
 * @throws if the functions do something that cannot be recorded, or that holds for one size only; the message names
 *   the op
 */
export function compile(definition: StepDefinition): Step {
  const { precision = "float32" } = definition;
  checkDevice(precision);
  const { graph, variables, branches, trained, slots } = scoped(() => new StepGraph(definition));
  const session = new Session(graph, precision);
  const names = trained.map(({ name }) => name);
  const { groups, optimizer } = definition;
  let count = 0;
  try {
    variables.clear(session);
    const all = [...definition.parameters];
    const trains = new Set(names);
    variables.write(session, new Map(all.filter(([name]) => trains.has(name))));
    const frozen = new Map(all.filter(([name]) => !trains.has(name)));
    variables.write(session, frozen, { constant: true });
  } catch (error) {
    session.close();
    throw error;
  }

  function prepare(name: keyof typeof branches, { inputs }: Branch, feed: Feed) {
    const values = Object.entries(checkFeed(inputs, feed));
    return Object.fromEntries(values.map(([key, value]) => [`${name}/input/${key}`, value]));
  }

  function prepareTraining(feed: Feed) {
    checkTrains(trained);
    return prepare("train", branches.train!, feed);
  }

  function seedFeed(seed: number): { seed: FeedTensor } {
    return { seed: { shape: [2], data: Int32Array.of(seed, count) } };
  }

  function trainingFeeds({ feed, learningRate, seed }: Update) {
    const scalars = optimizerFeeds(groups, optimizer, count + 1, learningRate);
    return { ...prepareTraining(feed), ...seedFeed(seed), ...scalars };
  }

  /** Takes as many updates as the graph keeps losses of. */
  function trainSome(updates: readonly Update[]): Iterable<number> {
    const last = updates.length - 1;
    let losses: Iterable<number> = [];
    for (const [at, update] of updates.entries()) {
      const feeds = { ...trainingFeeds(update), place: { shape: [], data: Int32Array.of(at) } };
      if (at < last) session.launch(feeds, ["train/kept"]);
      else losses = session.run(feeds, ["train/losses"])[0]!.data.slice(0, updates.length);
      count++;
    }
    return losses;
  }

  return {
    train(feed, options) {
      const [loss] = session.run(trainingFeeds({ feed, ...options }), ["train/step"]);
      count++;
      return loss!.data[0]!;
    },
    trainMany(updates) {
      const losses: number[] = [];
      for (let at = 0; at < updates.length; at += keptLosses)
        losses.push(...trainSome(updates.slice(at, at + keptLosses)));
      return losses;
    },
    evaluate(feed) {
      const { outputs } = branches.evaluate;
      const values = session.run(
        prepare("evaluate", branches.evaluate, feed),
        outputs.map((output) => `evaluate/output/${output}`),
      );
      return Object.fromEntries(outputs.map((output, i) => [output, values[i]!]));
    },
    gradients(feed, { seed }) {
      const nodes = names.map((parameter) => `train/gradient/${parameter}`);
      const values = session.run({ ...prepareTraining(feed), ...seedFeed(seed) }, nodes);
      return new Map(names.map((parameter, i) => [parameter, values[i]!]));
    },
    state: () => ({
      count,
      parameters: variables.read(session, names),
      slots: variables.read(session, slots),
    }),
    restore(state) {
      checkState(state, trained, slots);
      variables.write(session, state.parameters);
      variables.write(session, state.slots);
      count = state.count;
    },
    dispose: () => session.close(),
  };
}
