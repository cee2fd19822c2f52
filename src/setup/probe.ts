// Run by the doctor in a process of its own: a native library that does not fit ends the process.
import { device, tf } from "../engine/tensorflow";

const one = tf.tensor2d([[3]]);
const [product] = tf.matMul(one, one).dataSync();
if (product !== 9) throw new Error(`TensorFlow says that 3 x 3 is ${product}`);
process.stdout.write(JSON.stringify(device()));
