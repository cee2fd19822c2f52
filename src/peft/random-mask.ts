import { type HostTensor, ops, type ParameterMap, sizeOf, tf } from "../engine";
import { type EncoderConfig, encoderShapes, seededRandom } from "../models";
import { bitfit } from "./bitfit";
import type { Method } from "./method";

const deltaOf = (weight: string) => `${weight}.delta`;

/**
 * Random mask, BitFit's control (Ben Zaken et al. 2022, section 4): as many numbers of the encoder train as BitFit
 * has biases there, but they are entries of the weight matrices drawn at random, W' = W + scatter(indices, δ), δ = 0.
 *
 * Entries are drawn without replacement from the linear maps' weights, embeddings excluded, each matrix getting its
 * share by size. No weight decay on δ: W is what should stay.
 *
 * Trained numbers within the encoder: 11 L d + d.
 *
 * @param settings.seed of the draw, apart from the run's seeds; default 0.
 */
export function randomMask({ seed = 0 }: { seed?: number } = {}): Method {
  return {
    name: "random-mask",
    settings: { seed },
    learningRate: 2e-3,
    trains: () => false,
    adds: (config) =>
      [...entriesByWeight(config)].map(([weight, entries]) => ({
        name: deltaOf(weight),
        shape: [entries],
        initial: () => new Float32Array(entries),
        decays: false,
      })),
    sites: {
      parameter(name, value, parameters) {
        const delta = parameters[deltaOf(name)];
        if (!delta) return value;
        const indices = drawEntries(seed, name, value.size, delta.size);
        return ops.scatterAdd(value, tf.tensor1d(indices, "int32"), delta);
      },
    },
    merge: (parameters, config) => merge(parameters, config, seed),
  };
}

function merge(parameters: ParameterMap, config: EncoderConfig, seed: number): ParameterMap {
  const merged = new Map<string, HostTensor>(parameters);
  for (const [weight, entries] of entriesByWeight(config)) {
    const { shape, data } = parameters.get(weight)!;
    const delta = parameters.get(deltaOf(weight))!.data;
    const sum = data.slice();
    drawEntries(seed, weight, data.length, entries).forEach((index, i) => {
      sum[index]! += delta[i]!;
    });
    merged.set(weight, { shape, data: sum });
    merged.delete(deltaOf(weight));
  }
  return merged;
}

/** How many entries of each weight matrix train: in proportion to its size, the largest remainders rounded up. */
function entriesByWeight(config: EncoderConfig): Map<string, number> {
  const { trains } = bitfit();
  const shapes = [...encoderShapes(config)];
  const wanted = sum(shapes.filter(([name]) => trains(name)).map(([, shape]) => sizeOf(shape)));
  const weights = shapes.filter(
    ([name, shape]) => shape.length === 2 && !name.includes("embeddings"),
  );
  const all = sum(weights.map(([, shape]) => sizeOf(shape)));
  const shares = weights.map(([name, shape]) => ({ name, share: (wanted * sizeOf(shape)) / all }));
  const left = wanted - sum(shares.map(({ share }) => Math.floor(share)));
  const roundedUp = new Set(
    [...shares]
      .sort((a, b) => (b.share % 1) - (a.share % 1))
      .slice(0, left)
      .map(({ name }) => name),
  );
  return new Map(
    shares.map(({ name, share }) => [name, Math.floor(share) + Number(roundedUp.has(name))]),
  );
}

/** `count` of `size` positions without replacement, ascending (Floyd 1987). */
function drawEntries(seed: number, name: string, size: number, count: number): Int32Array {
  const random = seededRandom(seed, deltaOf(name));
  const drawn = new Set<number>();
  for (let last = size - count; last < size; last++) {
    const candidate = Math.floor(random.uniform() * (last + 1));
    drawn.add(drawn.has(candidate) ? last : candidate);
  }
  return Int32Array.from(drawn).sort();
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
