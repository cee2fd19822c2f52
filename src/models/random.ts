import { createHash } from "node:crypto";

/** A seeded source of start values. */
export interface Random {
  /** Uniform in `[0, 1)`, 32 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * Random numbers that depend on a seed and on what they are for (a parameter's name), and on nothing else: the same
 * classifier starts from the same values whatever method is trained beside it.
 */
export function seededRandom(seed: number, purpose: string): Random {
  const state = createHash("sha256").update(`${seed}\n${purpose}`).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((i) => state.readUInt32LE(i)) as [
    number,
    number,
    number,
    number,
  ];
  // sfc32 (Doty-Humphrey, PractRand).
  const next = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  return {
    uniform: next,
    // Box and Muller 1958; 1 - u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** `size` draws from N(0, deviation²). */
export const normalValues = (random: Random, size: number, deviation: number): Float32Array =>
  Float32Array.from({ length: size }, () => deviation * random.normal());
