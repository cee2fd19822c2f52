import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { median } from "simple-statistics";
import { backend, device, hasKernels, tf } from "../../../src/engine/tensorflow";
import type { ProductPrecision, ProductSpeeds, ProductsWork } from "../work";

const { binding } = backend;
/** TensorFlow's numbers for types; tfjs knows no bfloat16, so products run on raw ids. */
const types: Readonly<Record<ProductPrecision, number>> = { float32: 1, bfloat16: 14 };

/** TensorFlow's speed of matrix products, as products.py measures PyTorch's. */
export function measureProducts({ shapes, seconds }: ProductsWork): ProductSpeeds {
  const speeds = (precision: ProductPrecision, product: Product) =>
    shapes.map(([m, k, n]) => {
      const type = types[precision];
      const [a, b] = [matrix(m, k, type), matrix(n, k, type)];
      const time = () => {
        const start = performance.now();
        binding.deleteTensor(product(a, b, type));
        return performance.now() - start;
      };
      time();
      time();
      const times: number[] = [];
      for (let spent = 0; times.length < 5 || spent < 1000 * seconds; ) {
        const one = time();
        times.push(one);
        spent += one;
      }
      for (const id of [a, b]) binding.deleteTensor(id);
      return (2e-6 * m * k * n) / median(times);
    });
  return {
    gigaflops: {
      float32: speeds("float32", tensorflowProduct),
      bfloat16: speeds("bfloat16", tensorflowProduct),
    },
    ...(hasKernels && { kernel: speeds("float32", kernelProduct) }),
    versions: { node: process.versions.node, tensorflow: device().tensorflow },
  };
}

/** The id of a matrix of random numbers. */
function matrix(rows: number, columns: number, type: number): number {
  const values = tf.randomNormal([rows, columns]).dataSync() as Float32Array;
  const id = binding.createTensor([rows, columns], types.float32, values);
  if (type === types.float32) return id;
  const cast = run("Cast", { SrcT: types.float32, DstT: type }, { Truncate: false }, [id]);
  binding.deleteTensor(id);
  return cast;
}

/** The id of a product of two matrices, given theirs. */
type Product = (a: number, b: number, type: number) => number;

const transposed = { transpose_a: false, transpose_b: true };

const tensorflowProduct: Product = (a, b, type) => run("MatMul", { T: type }, transposed, [a, b]);

const kernelProduct: Product = (a, b) => {
  const nothing = binding.createTensor([0], types.float32, new Float32Array());
  const product = run("PeftlabMatMul", {}, transposed, [a, b, nothing]);
  binding.deleteTensor(nothing);
  return product;
};

function run(
  op: string,
  typed: Readonly<Record<string, number>>,
  switches: Readonly<Record<string, boolean>>,
  inputs: number[],
): number {
  const attributes = [
    ...Object.entries(typed).map(([name, value]) => ({ name, type: binding.TF_ATTR_TYPE, value })),
    ...Object.entries(switches).map(([name, value]) => ({
      name,
      type: binding.TF_ATTR_BOOL,
      value,
    })),
  ];
  return binding.executeOp(op, attributes, inputs, 1)[0]!.id;
}

if (require.main === module) {
  const { values } = parseArgs({ options: { work: { type: "string" } } });
  console.log(JSON.stringify(measureProducts(JSON.parse(readFileSync(values.work!, "utf8")))));
}
