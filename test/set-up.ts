import { setUp } from "../src/setup";
import { kernelStep } from "../src/setup/steps/kernel";

/** Before any test: the kernel is made anew when its sources have changed. */
export default () => setUp([kernelStep()]);
