import {
  bitfit,
  full,
  headOnly,
  houlsby,
  lora,
  type Method,
  pfeiffer,
  randomMask,
} from "../../src/peft";

/** The shape of an encoder, in the letters of the papers. */
export interface Shape {
  /** Layers. */
  readonly L: number;
  readonly d: number;
  /** Every number of the encoder, pooler not included. */
  readonly all: number;
}

/** What must hold of a method; test/peft/invariants.test.ts goes through the rows. */
export interface MethodRow {
  readonly method: Method;
  /** Largest difference of a logit from the base model's at the start; 0: equal bit for bit. */
  readonly start: number;
  /** Trained numbers within the encoder. */
  count(shape: Shape): number;
  /** Trained names within the encoder. */
  readonly trains: RegExp | undefined;
  readonly merges: boolean;
  /** Settings that are named in tests' titles. */
  readonly title?: string;
}

const linearBias = /(self\.(query|key|value)|dense)\.bias$/;

export const rows: readonly MethodRow[] = [
  { method: full(), start: 0, count: ({ all }) => all, trains: /./, merges: true },
  { method: headOnly(), start: 0, count: () => 0, trains: undefined, merges: true },
  {
    method: bitfit(),
    start: 0,
    count: ({ L, d }) => 11 * L * d + d,
    trains: /^bert\.(embeddings|encoder).*\.bias$/,
    merges: true,
  },
  {
    title: "bitfit of query and intermediate",
    method: bitfit({ biases: ["query", "intermediate"] }),
    start: 0,
    count: ({ L, d }) => 5 * L * d,
    trains: /(self\.query|intermediate\.dense)\.bias$/,
    merges: true,
  },
  {
    title: "bitfit of all linear maps",
    method: bitfit({
      biases: ["query", "key", "value", "attention.output", "intermediate", "output"],
    }),
    start: 0,
    count: ({ L, d }) => 9 * L * d,
    trains: linearBias,
    merges: true,
  },
  {
    method: randomMask(),
    start: 0,
    count: ({ L, d }) => 11 * L * d + d,
    trains: /\.weight\.delta$/,
    merges: true,
  },
  {
    method: houlsby(),
    // Up and down start at 1e-3, so a sub-layer's output moves by about 1e-5 of its size.
    start: 1e-5,
    count: ({ L, d }) => 2 * L * (2 * 64 * d + 64 + d) + 4 * L * d + 2 * d,
    trains: /\.adapter\.(down|up)\.(weight|bias)$|LayerNorm/,
    merges: false,
  },
  {
    method: pfeiffer(),
    // Up and down start at 0.02, which moves a state by about a hundredth.
    start: 2e-3,
    count: ({ L, d }) => L * ((2 * d * d) / 16 + d / 16 + d),
    trains: /\d\.output\.adapter\.(down|up)\.(weight|bias)$/,
    merges: false,
  },
  {
    method: lora(),
    start: 0,
    count: ({ L, d }) => 4 * 8 * L * d,
    trains: /(query|value)\.lora_[AB]\.weight$/,
    merges: true,
  },
  {
    title: "lora of every linear map",
    method: lora({
      rank: 4,
      alpha: 12,
      targets: ["query", "key", "value", "attention.output", "intermediate", "output"],
    }),
    start: 0,
    count: ({ L, d }) => L * 4 * (4 * 2 * d + 2 * 5 * d),
    trains: /(query|key|value|dense)\.lora_[AB]\.weight$/,
    merges: true,
  },
];

export const titleOf = ({ title, method }: MethodRow): string => title ?? method.name;
