import { run, type Finished, type RunOptions } from "../local/child-process";
import { pick } from "../local/environment";

/**
 * Runs a program of the user's, in the user's environment.
 *
 * @throws when it cannot be started, and the reason of `signal` when it was aborted.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: Omit<RunOptions, "cwd" | "env"> & { readonly cwd?: string },
): Promise<Finished> {
  const env = pick(process.env, Object.keys(process.env));
  return run(file, args, { cwd: process.cwd(), ...options, env });
}

/** The first line that a program prints about its version, or undefined when it does not run. */
export async function versionOf(
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runProgram(file, args, { signal });
    return exitCode === 0 ? (stdout.trim().split("\n")[0] ?? "") : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
