import { afterEach, expect, test, vi } from "vitest";
import { compile } from "../../src/engine";
import type { Graph } from "../../src/engine/graph";
import { scoped } from "../../src/engine/memory";
import { Session } from "../../src/engine/session";
import { StepGraph } from "../../src/engine/step-graph";
import { adapt, methodByName, methodNames, stepOf } from "../../src/peft";
import { tinyBert } from "../models/tiny";
import { labelled } from "./batch";

// What a training step costs, told without a clock.

const forms = vi.hoisted(() => ({ kernels: true }));

vi.mock("../../src/engine/tensorflow", async (original) => ({
  ...(await original<typeof import("../../src/engine/tensorflow")>()),
  get hasKernels() {
    return forms.kernels;
  },
}));

afterEach(() => {
  vi.restoreAllMocks();
});

/** Nodes that compute nothing: a run finds their values in memory. */
const values = new Set(["Const", "Placeholder", "VarHandleOp", "ReadVariableOp"]);
const products = new Set(["MatMul", "PeftlabMatMul", "BatchMatMulV2"]);

const pretrained = tinyBert();

/** The ops of all nodes that a run which fetches `name` needs. */
function needed(graph: Graph, name: string): string[] {
  const all = new Map(graph.nodes().map((node) => [node.name, node]));
  const found = new Set<string>([name]);
  for (const next of found)
    for (const input of all.get(next)!.inputs) found.add(input.replace(/^\^|:\d+$/g, ""));
  return [...found].map((next) => all.get(next)!.op);
}

/** The costs of one training step of a BERT of two layers. */
function costsOf(method: string) {
  const optimizer = { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 } as const;
  const model = adapt({
    pretrained,
    method: methodByName(method),
    head: "pooler",
    outputs: 2,
    seed: 1,
  });
  const definition = stepOf(model, { target: "classes", optimizer });
  const { graph } = scoped(() => new StepGraph(definition));
  const launched = needed(graph, "train/step").filter((op) => !values.has(op));
  const step = compile(definition);
  const run = vi.spyOn(Session.prototype, "run");
  step.train(labelled, { learningRate: 1e-3, seed: 1 });
  const fed = run.mock.calls.flatMap(([feeds]) => Object.values(feeds));
  step.dispose();
  return {
    runs: run.mock.calls.length,
    nodes: graph.nodes().filter(({ name }) => name.startsWith("train/")).length,
    kernels: launched.length,
    products: launched.filter((op) => products.has(op)).length,
    bytesFed: fed.reduce((sum, { data }) => sum + data.byteLength, 0),
  };
}

test("a training step costs what the fixture says", async () => {
  const costs = Object.fromEntries(
    [true, false].map((kernels) => {
      forms.kernels = kernels;
      const all = methodNames.map((name) => {
        vi.restoreAllMocks();
        return [name, costsOf(name)] as const;
      });
      return [kernels ? "kernels" : "composed", Object.fromEntries(all)];
    }),
  );
  await expect(
    `${JSON.stringify(costs, null, 2)}\n`,
    "A training step runs other numbers of nodes, kernels or matrix products than before, or is fed other bytes. " +
      "If that is meant, `npm test -- costs -u` writes the new numbers; say in the commit why they grew.",
  ).toMatchFileSnapshot("../fixtures/peft/costs.json");
});
