import { CommanderError } from "commander";
import { Interruption } from "../local/interruption";
import { EXIT, Problem } from "./problem";

/** What a program ends with after an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interruption || error instanceof Problem) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.notTried;
  return EXIT.failed;
}
