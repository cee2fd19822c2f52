export { type Displayable, type DisplayBundle, displayKey, show } from "./display";
export { interruptible } from "./interrupt";
export { installKernel, kernelDisplayName, kernelName, kernelSpec } from "./kernelspec";
export { statusLines } from "./progress";
