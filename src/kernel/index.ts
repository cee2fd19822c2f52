// What runs a notebook from outside is at ./notebook: it loads more than a cell should wait for.
export { type Displayable, type DisplayBundle, displayKey, show } from "./display";
export { interruptible } from "./interrupt";
export { installKernel, kernelDisplayName, kernelName, kernelSpec } from "./kernelspec";
export { statusLines } from "./progress";
