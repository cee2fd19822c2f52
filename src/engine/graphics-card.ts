import { spawnSync } from "node:child_process";

export interface GraphicsCard {
  readonly name: string;
  /** In MiB; absent where the driver does not tell. */
  readonly memory?: number;
}

/** The first card that the driver lists; TensorFlow's C library does not tell. */
export function graphicsCard(): GraphicsCard {
  const query = ["--query-gpu=name,memory.total", "--format=csv,noheader,nounits"];
  const { stdout } = spawnSync("nvidia-smi", query, { encoding: "utf8" });
  const [, name, memory] = /^(.+), *(\d+)\s*$/m.exec(stdout ?? "") ?? [];
  return name ? { name, memory: Number(memory) } : { name: "GPU" };
}
