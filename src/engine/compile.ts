import { checkFeed, checkState, shapeKey } from "./definition";
import { scoped } from "./memory";
import { optimizerFeeds } from "./optimizer-graph";
import { type FeedTensor, Session } from "./session";
import { StepGraph } from "./step-graph";
import { checkDevice } from "./tensorflow";
import type { BatchShape, Feed, Step, StepDefinition } from "./types";

/**
 * Records the step's functions once for each batch shape and replays them as one TensorFlow graph, with the
 * parameters and the optimiser in it. All shapes share the parameters.
 * @throws if the functions do something that cannot be recorded; the message names the op
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
    variables.clear(session, slots);
  } catch (error) {
    session.close();
    throw error;
  }

  function prepare(use: "train" | "evaluate", shape: BatchShape, feed: Feed) {
    const name = `${use}/${shapeKey(shape)}`;
    const branch = branches.get(name);
    if (!branch)
      throw new Error(
        `The step was not made for ${name}; it has ${[...branches.keys()].join(", ")}.`,
      );
    const values = Object.entries(checkFeed(branch.inputs, feed));
    const feeds = Object.fromEntries(values.map(([key, value]) => [`${name}/input/${key}`, value]));
    return { name, outputs: branch.outputs, feeds };
  }

  function seedFeed(seed: number): { seed: FeedTensor } {
    return { seed: { shape: [2], data: Int32Array.of(seed, count) } };
  }

  return {
    train(shape, feed, { learningRate, seed }) {
      const { name, feeds } = prepare("train", shape, feed);
      const scalars = optimizerFeeds(groups, optimizer, count + 1, learningRate);
      const [loss] = session.run({ ...feeds, ...seedFeed(seed), ...scalars }, [`${name}/step`]);
      count++;
      return loss!.data[0]!;
    },
    evaluate(shape, feed) {
      const { name, outputs, feeds } = prepare("evaluate", shape, feed);
      const nodes = outputs.map((output) => `${name}/output/${output}`);
      const values = session.run(feeds, nodes);
      return Object.fromEntries(outputs.map((output, i) => [output, values[i]!]));
    },
    gradients(shape, feed, { seed }) {
      const { name, feeds } = prepare("train", shape, feed);
      const nodes = names.map((parameter) => `${name}/gradient/${parameter}`);
      const values = session.run({ ...feeds, ...seedFeed(seed) }, nodes);
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
