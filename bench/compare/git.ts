import { existsSync } from "node:fs";
import { cp, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../local/child-process";
import { EXIT, Problem } from "../../ops/problem";
import { PROJECT } from "../places";
import { userEnvironment } from "../run/environment";

/** The commit that the working tree branched off from. */
export async function mergeBase(ref: string, signal: AbortSignal): Promise<string> {
  const commit = await git(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], { signal });
  if (commit === undefined) {
    throw new Problem(`git knows no commit ${ref} here.`, "Fetch it first: git fetch origin", EXIT.notTried);
  }
  const base = await git(["merge-base", "HEAD", commit], { signal });
  if (base === undefined) {
    throw new Problem(
      `HEAD and ${ref} have no commit in common here.`,
      "In a shallow clone, fetch the rest of the history: git fetch --unshallow origin",
      EXIT.notTried,
    );
  }
  return base;
}

/** Whether the working tree is what was committed as `commit`, with nothing changed or added. */
export async function isWorkingTreeOf(commit: string, signal: AbortSignal): Promise<boolean> {
  const head = await git(["rev-parse", "HEAD"], { signal });
  return head === commit && (await git(["status", "--porcelain", "--", "."], { signal })) === "";
}

/**
 * Writes the project as it was at a commit into a directory, and nothing into the repository. Returns false
 * where the commit holds no project.
 */
export async function writeCommit(commit: string, directory: string, signal: AbortSignal): Promise<boolean> {
  const [top = "", inRepository = ""] = (
    (await git(["rev-parse", "--show-toplevel", "--show-prefix"], { signal })) ?? ""
  ).split("\n");
  const options = { cwd: top, env: { GIT_INDEX_FILE: `${directory}.index` }, signal };
  return (
    (await git(["read-tree", `${commit}:${inRepository}`], options)) !== undefined &&
    (await git(["checkout-index", "--all", `--prefix=${directory}/`], options)) !== undefined &&
    existsSync(join(directory, "cdktf.json"))
  );
}

/** Copies what git knows of the working tree, or would add, into a directory. */
export async function copyWorkingTree(directory: string, signal: AbortSignal): Promise<void> {
  const known = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const files = ((await git(known, { signal })) ?? "").split("\0").filter(Boolean);
  for (const file of files) {
    const isThere = await stat(join(PROJECT, file)).then(
      (found) => found.isFile(),
      () => false, // Removed, but not committed yet.
    );
    if (!isThere) continue;
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await cp(join(PROJECT, file), join(directory, file));
  }
}

interface GitOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What git prints, or undefined when it fails. */
async function git(
  args: readonly string[],
  { cwd = PROJECT, env, signal }: GitOptions,
): Promise<string | undefined> {
  const { exitCode, stdout } = await run("git", args, { cwd, env: { ...userEnvironment(), ...env }, signal });
  return exitCode === 0 ? stdout : undefined;
}
