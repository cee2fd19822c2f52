import { InvalidArgumentError } from "commander";

/** A number from a command line's text, or commander's error with what was expected. */
export function numberOf(
  expected: string,
  fits: (value: number) => boolean,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || !fits(value)) {
      throw new InvalidArgumentError(`Expected ${expected}.`);
    }
    return value;
  };
}

export const positiveNumber = numberOf("a number above 0", (value) => value > 0);
export const positiveInteger = numberOf(
  "a whole number above 0",
  (value) => value > 0 && Number.isInteger(value),
);
export const seedNumber = numberOf(
  "a whole number from 0 to 2147483647",
  (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31,
);
export const fractionNumber = numberOf(
  "a number above 0 and up to 1",
  (value) => value > 0 && value <= 1,
);

/** Settings of a method: a JSON object, or `name=value,name=value` with JSON values or plain words. */
export function settingsOf(text: string): Record<string, unknown> {
  if (text.trim().startsWith("{")) {
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (error) {
      throw new InvalidArgumentError(`Not JSON: ${(error as Error).message}.`);
    }
  }
  const pairs = text.split(",").map((pair) => {
    const [name, ...value] = pair.split("=");
    if (!name?.trim() || value.length === 0) {
      throw new InvalidArgumentError(
        `Expected name=value, as in 'rank=4,alpha=8', or JSON, as in '{"targets": ["query"]}'.`,
      );
    }
    return [name.trim(), plainOrJson(value.join("="))] as const;
  });
  return Object.fromEntries(pairs);
}

function plainOrJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
