import { groupRates, type Trained } from "./definition";
import { types } from "./execute";
import { attribute, type Graph } from "./graph";
import type { FeedTensor } from "./session";
import type { Optimizer, ParameterGroup, StepDefinition } from "./types";
import type { Variable } from "./variables";

const float = attribute.type(types.float32);

/** The gradient of a parameter as the graph has it. */
export interface Gradient {
  readonly parameter: Trained;
  readonly node: string;
  /** Of a table of embeddings: the gradients of the rows that were looked up, and their ids. */
  readonly rows?: { readonly values: string; readonly ids: string } | undefined;
}

/** Adds what an optimiser step is fed, see `optimizerFeeds`. */
export function addOptimizerInputs(graph: Graph, { groups, optimizer }: StepDefinition): void {
  if (optimizer.kind === "adamw") graph.placeholder("epsilon", "float32", []);
  for (const values of ["rates", "keeps"] as const) {
    graph.placeholder(values, "float32", [groups.length]);
    for (const group of groups.keys()) {
      const inputs = [values, graph.scalar("int32", group), graph.scalar("int32", 0)];
      const integer = attribute.type(types.int32);
      const of = { Tparams: float, Tindices: integer, Taxis: integer };
      graph.node(ofGroup(values, group), "GatherV2", inputs, of);
    }
  }
}

/** The node of a group's own value. */
const ofGroup = (values: "rates" | "keeps", group: number) => `${values}/${group}`;

/** The values for the step number `count` (from 1), by group of parameters, computed in double precision. */
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
  const rates = groupRates(groups, learningRate);
  feeds.rates = vector(rates.map((rate) => rate * factor));
  feeds.keeps = vector(rates.map((rate, group) => 1 - rate * groups[group]!.decay));
  return feeds;
}

/**
 * Adds AdamW of all parameters as one op, clipping included; for the processor.
 * @returns the node to wait for
 */
export function addAdamW(
  graph: Graph,
  branch: string,
  optimizer: Extract<Optimizer, { kind: "adamw" }>,
  gradients: readonly Gradient[],
  resources: ReadonlyMap<string, Variable>,
): string {
  // Tables come first, as the op wants them.
  const ordered = [...gradients.filter(({ rows }) => rows), ...gradients.filter((g) => !g.rows)];
  const values = (prefix: string) =>
    ordered.map(({ parameter }) => resources.get(`${prefix}${parameter.name}`)!.read);
  const tables = ordered.flatMap(({ rows }) => (rows ? [rows] : []));
  return graph.node(
    `${branch}/update`,
    "PeftlabAdamW",
    [
      ...[...values(""), ...values("m/"), ...values("v/")],
      ...ordered.map(({ node, rows }) => rows?.values ?? node),
      ...tables.map(({ ids }) => ids),
      ...["rates", "keeps", "epsilon"],
    ],
    {
      count: attribute.integer(ordered.length),
      tables: attribute.integer(tables.length),
      groups: attribute.integers(ordered.map(({ parameter }) => parameter.group)),
      beta1: attribute.float(optimizer.beta1),
      beta2: attribute.float(optimizer.beta2),
      clip: attribute.float(optimizer.clip ?? 0),
    },
  );
}

/** Trained parameters of a group, which lie in one variable in this order: see `Variables.addPacked`. */
export interface Pack {
  /** Of the variable; its slots are `<slot>/<name>`. */
  readonly name: string;
  readonly group: number;
  readonly decay: number;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/**
 * Adds the update of a pack by TensorFlow's ops: a few for many parameters, since each costs a GPU the same whatever
 * its size. Decoupled decay comes first, as in PyTorch.
 * @param gradient node of the pack's, clipped
 * @param resources the variable, and those of its slots
 * @returns the node to wait for
 */
export function addUpdate(
  graph: Graph,
  branch: string,
  optimizer: Optimizer,
  { name, group, decay }: Pack,
  gradient: string,
  resources: ReadonlyMap<string, Variable>,
): string {
  const { handle, read } = resources.get(name)!;
  const update = `${branch}/update/${name}`;
  const rate = ofGroup("rates", group);
  const after: string[] = [];
  if (decay !== 0) {
    // Waits for the gradient, so that two copies of the parameters do not live through the backward pass.
    const inputs = [read, ofGroup("keeps", group), `^${gradient.split(":")[0]}`];
    const kept = graph.node(`${update}/kept`, "Mul", inputs, { T: float });
    const assign = graph.node(`${update}/decay`, "AssignVariableOp", [handle, kept], {
      dtype: float,
    });
    after.push(`^${assign}`);
  }
  const attributes = { T: float, use_locking: attribute.boolean(false) };
  if (optimizer.kind === "sgd") {
    const inputs = [handle, rate, gradient, ...after];
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
    [...[handle, m!, v!, zero!, zero!, rate], ...[beta1!, beta2!, "epsilon", gradient, ...after]],
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

function vector(values: readonly number[]): FeedTensor {
  return { shape: [values.length], data: Float32Array.from(values) };
}

function scalar(value: number): FeedTensor {
  return { shape: [], data: Float32Array.of(value) };
}
