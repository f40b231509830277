import { existsSync } from "node:fs";
import { runProgram } from "../program";
import { Problem } from "../problem";

/**
 * The commit that a directory of sources is at, as a tag for its image: 12 digits, with `-dirty` behind
 * where files differ from it. Undefined where the directory is in no Git repository.
 *
 * @throws Problem when there is no such directory.
 */
export async function commitTag(directory: string, signal: AbortSignal): Promise<string | undefined> {
  if (!existsSync(directory)) {
    throw new Problem(`There is no directory ${directory}.`, "Give the one that holds the Dockerfile.");
  }
  const commit = await git(directory, ["rev-parse", "--short=12", "HEAD"], signal);
  if (commit === undefined) return undefined;
  const changes = await git(directory, ["status", "--porcelain", "--", "."], signal);
  return changes === "" ? commit : `${commit}-dirty`;
}

async function git(
  directory: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runProgram("git", args, { cwd: directory, signal });
    return exitCode === 0 ? stdout.trim() : undefined;
  } catch {
    // No git on this machine.
    signal.throwIfAborted();
    return undefined;
  }
}
