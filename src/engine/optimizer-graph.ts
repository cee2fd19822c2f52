import { groupRates, type Trained } from "./definition";
import { types } from "./execute";
import { attribute, type Graph } from "./graph";
import type { FeedTensor } from "./session";
import type { Optimizer, ParameterGroup, StepDefinition } from "./types";
import type { Variable } from "./variables";

const float = attribute.type(types.float32);

/** Adds the scalars that an optimiser step is fed, see `optimizerFeeds`. */
export function addOptimizerInputs(graph: Graph, { groups, optimizer }: StepDefinition): void {
  if (optimizer.kind === "adamw") graph.placeholder("epsilon", "float32", []);
  groups.forEach((_, group) => {
    graph.placeholder(`rate/${group}`, "float32", []);
    graph.placeholder(`keep/${group}`, "float32", []);
  });
}

/** The scalars of the step number `count` (from 1), computed in double precision. */
export function optimizerFeeds(
  groups: readonly ParameterGroup[],
  optimizer: Optimizer,
  count: number,
  learningRate: number,
): Record<string, FeedTensor> {
  const feeds: Record<string, FeedTensor> = {};
  const { factor, epsilon } =
    optimizer.kind === "adamw" ? adamCorrections(optimizer, count) : { factor: 1, epsilon: 0 };
  if (optimizer.kind === "adamw") feeds.epsilon = scalar(epsilon);
  groupRates(groups, learningRate).forEach((rate, group) => {
    feeds[`rate/${group}`] = scalar(rate * factor);
    feeds[`keep/${group}`] = scalar(1 - rate * groups[group]!.decay);
  });
  return feeds;
}

/**
 * Adds the update of one parameter; decoupled decay comes first, as in PyTorch.
 * @param resources the parameter's variable, and those of its slots
 * @returns the node to wait for
 */
export function addUpdate(
  graph: Graph,
  branch: string,
  optimizer: Optimizer,
  { name, group, decay }: Trained,
  gradient: string,
  resources: ReadonlyMap<string, Variable>,
): string {
  const { handle, read } = resources.get(name)!;
  const update = `${branch}/update/${name}`;
  const after: string[] = [];
  if (decay !== 0) {
    // Waits for the gradient, so that two copies of the parameter do not live through the backward pass.
    const inputs = [read, `keep/${group}`, `^${gradient.split(":")[0]}`];
    const kept = graph.node(`${update}/kept`, "Mul", inputs, { T: float });
    const assign = graph.node(`${update}/decay`, "AssignVariableOp", [handle, kept], {
      dtype: float,
    });
    after.push(`^${assign}`);
  }
  const attributes = { T: float, use_locking: attribute.boolean(false) };
  if (optimizer.kind === "sgd") {
    const inputs = [handle, `rate/${group}`, gradient, ...after];
    return graph.node(update, "ResourceApplyGradientDescent", inputs, attributes);
  }
  const [m, v] = ["m", "v"].map((slot) => resources.get(`${slot}/${name}`)!.handle);
  // The powers of β are fed as 0: their correction is in the rate, where it is not rounded to float32 first.
  const [zero, beta1, beta2] = [0, optimizer.beta1, optimizer.beta2].map((value) =>
    graph.scalar("float32", value),
  );
  return graph.node(
    update,
    "ResourceApplyAdam",
    [
      ...[handle, m!, v!, zero!, zero!, `rate/${group}`],
      ...[beta1!, beta2!, "epsilon", gradient, ...after],
    ],
    attributes,
  );
}

/**
 * AdamW's bias corrections for the fused update p -= rate m / (√v + ε): the learning rate is multiplied by `factor`,
 * ε replaced by `epsilon`.
 */
function adamCorrections(
  { beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number },
  count: number,
): { factor: number; epsilon: number } {
  // PyTorch: p -= lr / (1 - β₁ᵗ) m / (√v / √(1 - β₂ᵗ) + ε), multiplied out. The fused update takes 1 - β from
  // the float32 β, wrong in the fifth digit for 0.999: its m and v are larger by these constant factors.
  const excess1 = (1 - Math.fround(beta1)) / (1 - beta1);
  const excess2 = (1 - Math.fround(beta2)) / (1 - beta2);
  const root = Math.sqrt((1 - beta2 ** count) * excess2);
  return { factor: root / ((1 - beta1 ** count) * excess1), epsilon: epsilon * root };
}

function scalar(value: number): FeedTensor {
  return { shape: [], data: Float32Array.of(value) };
}
