import { z } from "zod";
import { biasKinds, bitfit } from "./bitfit";
import { full } from "./full";
import { headOnly } from "./head-only";
import { houlsby } from "./houlsby";
import { lora, loraTargets } from "./lora";
import type { Method } from "./method";
import { pfeiffer } from "./pfeiffer";
import { randomMask } from "./random-mask";

const count = z.int().positive().optional();
const some = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.array(z.enum(names)).min(1).optional();

/** A method that can be asked for by name, with settings as they come from a file or a command line. */
interface Entry {
  readonly name: string;
  create(settings: unknown): Method;
}

function entry<S extends z.ZodType>(
  name: string,
  settings: S,
  create: (settings: z.output<S>) => Method,
): Entry {
  return {
    name,
    create(given) {
      const parsed = settings.safeParse(given);
      if (parsed.success) return create(parsed.data);
      const issues = parsed.error.issues.map((i) =>
        [i.path.join("."), i.message].filter(Boolean).join(": "),
      );
      throw new Error(
        `Settings of ${name}: ${issues.join("; ")}. Defaults: ${JSON.stringify(create(settings.parse({})).settings)}`,
      );
    },
  };
}

/** Every method there is, in the order of tables. */
const methods: readonly Entry[] = [
  entry("full", z.strictObject({}), full),
  entry("head-only", z.strictObject({}), headOnly),
  entry("bitfit", z.strictObject({ biases: some(biasKinds) }), bitfit),
  entry("random-mask", z.strictObject({ seed: z.int().nonnegative().optional() }), randomMask),
  entry("houlsby", z.strictObject({ bottleneck: count }), houlsby),
  entry("pfeiffer", z.strictObject({ reduction: count }), pfeiffer),
  entry(
    "lora",
    z.strictObject({
      rank: count,
      alpha: z.number().positive().optional(),
      targets: some(loraTargets),
    }),
    lora,
  ),
];

/** The names of all methods, in the order of tables. */
export const methodNames: readonly string[] = methods.map(({ name }) => name);

/**
 * A method by name, with its settings; what is not given has its default.
 *
 * @throws on an unknown name, with the known ones, and on a setting that is unknown or out of range, with the defaults.
 */
export function methodByName(name: string, settings: unknown = {}): Method {
  const found = methods.find((method) => method.name === name);
  if (!found) throw new Error(`There is no method "${name}"; there are ${methodNames.join(", ")}.`);
  return found.create(settings);
}
