export { compile } from "./compile";
export { eager } from "./eager";
export { liveTensors } from "./memory";
export * as ops from "./ops";
export { sizeOf } from "./shapes";
export { type Device, device, tf } from "./tensorflow";
export type * from "./types";
