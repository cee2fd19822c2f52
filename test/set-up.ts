import { setUp } from "../src/setup";

/** Before any test the machine is made ready, as a command does: a change of the kernel is built, for one. */
export default () => setUp();
