import { checkState, checkTrains } from "./definition";
import { checkFeed } from "./feed";
import { scoped } from "./memory";
import { optimizerFeeds } from "./optimizer-graph";
import { type FeedTensor, Session } from "./session";
import { type Branch, StepGraph } from "./step-graph";
import { checkDevice } from "./tensorflow";
import type { Feed, Step, StepDefinition } from "./types";

/**
 * Records the step's functions once and replays them as one TensorFlow graph, with the parameters and the optimiser
 * in it, on batches of any size.
 * @throws if the functions do something that cannot be recorded, or that holds for one size only; the message names
 *   the op
 */
export function compile(definition: StepDefinition): Step {
  checkDevice();
  const { graph, variables, branches, trained, slots } = scoped(() => new StepGraph(definition));
  const session = new Session(graph);
  const names = trained.map(({ name }) => name);
  const { groups, optimizer } = definition;
  let count = 0;
  try {
    variables.write(session, definition.parameters);
    variables.clear(session);
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

  return {
    train(feed, { learningRate, seed }) {
      const feeds = prepareTraining(feed);
      const scalars = optimizerFeeds(groups, optimizer, count + 1, learningRate);
      const [loss] = session.run({ ...feeds, ...seedFeed(seed), ...scalars }, ["train/step"]);
      count++;
      return loss!.data[0]!;
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
