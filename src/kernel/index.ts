export { host } from "./host";
export { interruptible } from "./interrupt";
export { installKernel, kernelDisplayName, kernelName, kernelSpec } from "./kernelspec";
