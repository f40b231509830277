import type { Command } from "commander";
import { abortOnInterruption } from "../local/interruption";
import type { DeploymentOptions } from "./deployment";

const STACK_DIRECTORY = "cdktf.out/stacks/time-series-analyzer";

/** What every command is given. */
export interface Globals extends DeploymentOptions {
  /** Whether standard output gets one JSON document and nothing else. */
  readonly json: boolean;
}

/** Adds the options that every command has. */
export function addGlobals(program: Command): Command {
  return program
    .option("--directory <directory>", "the stack directory", STACK_DIRECTORY)
    .option("--json", "print one JSON document, for machines");
}

/** The options that every command has, as `command` was called. */
export function globalsOf(command: Command): Globals {
  const { directory, json = false } = command.optsWithGlobals<{ directory: string; json?: boolean }>();
  return { directory, json, signal: abortOnInterruption(`ops ${command.name()}`) };
}

/** Prints a result: as text for people, or whole for machines. */
export function print(result: unknown, text: string, { json }: Pick<Globals, "json">): void {
  console.log(json ? JSON.stringify(result, null, 2) : text);
}
