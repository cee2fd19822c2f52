import { loadavg } from "node:os";
import { device } from "../engine";
import { measureSteps } from "../training";
import { assemble } from "./assemble";
import type { CalibrationEntry } from "./calibration";
import type { Setting } from "./setting";
import type { RunOptions } from "./types";

/**
 * Measures what the steps of a setting cost. Says so when the machine is not idle: what it measures then is
 * too long, and stays in the calibration.
 */
export async function measureSetting(
  setting: Setting,
  options: { featuresFolder: string } & Pick<RunOptions, "progress" | "signal">,
): Promise<CalibrationEntry> {
  const busy = loadavg()[0]!;
  if (busy > 0.5) {
    process.stderr.write(
      `Measuring steps while the machine is busy (load ${busy.toFixed(1)}): a calibration is for an idle one.\n`,
    );
  }
  const { trainer } = await assemble(setting, options);
  try {
    const { name, threads } = device();
    return {
      method: setting.specification.method,
      device: `${name}, ${threads} threads`,
      measured: new Date().toISOString(),
      costs: measureSteps(trainer),
    };
  } finally {
    trainer.dispose();
  }
}
