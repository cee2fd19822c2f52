import type { Optimizer, StepDefinition } from "../../../src/engine";
import { layerNames, loadPretrained } from "../../../src/models";
import { type AdaptedModel, adapt, type Method, methodByName, stepOf } from "../../../src/peft";
import type { ModelWork } from "../work";

/**
 * The work's model with its method; the classifier starts from the work's values.
 *
 * @throws where the encoder's dropout or the method's weight decay is not the work's
 */
export function modelOf(work: ModelWork): AdaptedModel {
  const pretrained = loadPretrained(work.model);
  const { config } = pretrained;
  const { recipe, classifier } = work;
  if (config.hiddenDropout !== recipe.dropout || config.attentionDropout !== recipe.dropout)
    throw new Error(
      `dropout is ${config.hiddenDropout} and ${config.attentionDropout}, the work's ${recipe.dropout}`,
    );
  const model = adapt({
    pretrained,
    method: methodOf(work, config.layers),
    head: "pooler",
    outputs: classifier.length,
    seed: 1,
  });
  const decays = model.groups.map(({ decay }) => decay).filter((decay) => decay !== 0);
  if (decays.some((decay) => decay !== recipe.decay))
    throw new Error(`weight decay is ${decays}, the work's ${recipe.decay}`);
  const parameters = new Map(model.parameters)
    .set("classifier.weight", {
      shape: [classifier.length, config.hiddenSize],
      data: Float32Array.from(classifier.flat()),
    })
    .set("classifier.bias", {
      shape: [classifier.length],
      data: new Float32Array(classifier.length),
    });
  return { ...model, parameters };
}

/** The training and evaluation step of the work's model, in its precision. */
export function definitionOf(work: ModelWork, model: AdaptedModel): StepDefinition {
  const { betas, epsilon, clip } = work.recipe;
  const optimizer: Optimizer = { kind: "adamw", beta1: betas[0], beta2: betas[1], epsilon, clip };
  const { target, precision } = work;
  return { ...stepOf(model, { target, optimizer }), precision };
}

export function methodOf(
  { method, settings }: Pick<ModelWork, "method" | "settings">,
  layers: number,
): Method {
  if (method !== "top") return methodByName(method, settings);
  const first = layers - settings.layers!;
  const trained = Array.from(
    { length: settings.layers! },
    (_, at) => `${layerNames(first + at).query.split(".attention")[0]}.`,
  );
  return {
    name: method,
    settings,
    learningRate: 5e-5,
    trains: (name) => trained.some((layer) => name.startsWith(layer)),
    adds: () => [],
  };
}
