export { batchesPerEpoch } from "./batches";
export { type StepCosts, stepsOfEpochs, stepsOfSeconds } from "./budget";
export { type Examples, featureExamples, tokenExamples } from "./examples";
export { computeFeatures } from "./features";
export { type CurvePoint, type LoopEnd, type LoopState, runLoop, startOfLoop } from "./loop";
export { optimizer, warmup } from "./optimizer";
export { createTrainer, measureSteps, type Trainer, warmUp } from "./trainer";
