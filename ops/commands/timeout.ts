import { InvalidArgumentError, Option } from "commander";

/** `--timeout <minutes>`: how long to wait for a migration, and for a rollout. */
export function timeoutOption(): Option {
  return new Option("--timeout <minutes>", "minutes to wait for a rollout, which goes on in AWS all the same")
    .default(30)
    .argParser((text) => {
      const minutes = Number(text);
      if (!(minutes > 0)) throw new InvalidArgumentError("Give a number of minutes above 0.");
      return minutes;
    });
}
