import { expect, it } from "vitest";
import { linuxFeatures, processor } from "../../src/setup/processor";

it("reads the features that matter from Linux's list", () => {
  const amd =
    "processor : 0\nflags\t\t: fpu sse2 avx avx2 fma avx512f avx512_bf16 avx512_vnni\nbogomips : 1\n";
  expect(linuxFeatures(amd)).toEqual([
    "AVX",
    "AVX2",
    "FMA",
    "AVX512",
    "AVX512_VNNI",
    "AVX512_BF16",
  ]);
  expect(linuxFeatures("Features\t: fp asimd sve bf16\n")).toEqual(["NEON", "SVE", "BF16"]);
  expect(linuxFeatures("nothing of the kind")).toEqual([]);
});

it("knows this machine's", () => {
  const { cores, features, instructions } = processor();
  expect(cores).toBeGreaterThan(0);
  expect(features.length).toBeGreaterThan(0);
  expect(instructions.split(" ").length).toBeGreaterThanOrEqual(features.length);
});
