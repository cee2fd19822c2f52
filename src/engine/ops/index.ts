export { attention, attentionBias } from "./attention";
export { crossEntropy } from "./cross-entropy";
export { dropout } from "./dropout";
export { embedding } from "./embedding";
export { gelu } from "./gelu";
export { layerNorm } from "./layer-norm";
export { linear } from "./linear";
export { meanSquaredError } from "./mean-squared-error";
export { scatterAdd } from "./scatter-add";
