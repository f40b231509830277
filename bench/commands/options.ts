import { InvalidArgumentError, Option } from "commander";

export function roundsOption(byDefault: number): Option {
  return new Option("--rounds <number>", "how often each contender is measured")
    .argParser(wholeNumber)
    .default(byDefault);
}

/** A number of at least 1. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Give a whole number of at least 1.");
  return Number(text);
}
