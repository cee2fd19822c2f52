// What runs a notebook from outside is at ./notebook: it loads more than a cell should wait for.
export { type Displayable, type DisplayBundle, displayKey, show } from "./api/display";
export { interruptible } from "./api/interrupt";
export { type ProgressBar, type ProgressReport, progress } from "./api/progress";
export { kernelDisplayName, kernelName, kernelSpec } from "./kernelspec";
