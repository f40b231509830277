import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../local/child-process";
import { EXIT, Problem } from "../../ops/problem";
import { userEnvironment } from "../run/environment";

/** The directory of a project in a Git repository: the top of it, or one below. */
export interface Checkout {
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** The commit that the working tree branched off from. */
export async function mergeBase(ref: string, checkout: Checkout): Promise<string> {
  const commit = await git(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], checkout);
  if (commit === undefined) {
    throw new Problem(`Git knows no commit ${ref} here.`, "Fetch it first: git fetch origin", EXIT.notTried);
  }
  const base = await git(["merge-base", "HEAD", commit], checkout);
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
export async function isWorkingTreeOf(commit: string, checkout: Checkout): Promise<boolean> {
  const head = await git(["rev-parse", "HEAD"], checkout);
  return head === commit && (await git(["status", "--porcelain", "--", "."], checkout)) === "";
}

/**
 * Writes the project as it was at a commit into a directory, and nothing into the repository. Returns false
 * where the commit holds no project.
 */
export async function writeCommit(commit: string, target: string, checkout: Checkout): Promise<boolean> {
  const places = await git(["rev-parse", "--show-toplevel", "--show-prefix"], checkout);
  const [top = "", inRepository = ""] = (places ?? "").split("\n");
  const index = { GIT_INDEX_FILE: `${target}.index` };
  const atTop = { ...checkout, directory: top };
  return (
    (await git(["read-tree", `${commit}:${inRepository}`], atTop, index)) !== undefined &&
    (await git(["checkout-index", "--all", `--prefix=${target}/`], atTop, index)) !== undefined &&
    existsSync(join(target, "cdktf.json"))
  );
}

/** Copies what Git knows of the working tree, or would add, into a directory. */
export async function copyWorkingTree(target: string, checkout: Checkout): Promise<void> {
  const known = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const files = ((await git(known, checkout)) ?? "").split("\0").filter(Boolean);
  for (const file of files) {
    const source = join(checkout.directory, file);
    if (!existsSync(source)) continue; // Removed, but not committed yet.
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(source, join(target, file), { recursive: true });
  }
}

/** What Git prints, or undefined when it fails. */
async function git(
  args: readonly string[],
  { directory, signal }: Checkout,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const options = { cwd: directory, env: { ...userEnvironment(), ...env }, signal };
  // Git refuses a directory of somebody else, such as the one that a CI job is given.
  const { exitCode, stdout } = await run("git", ["-c", "safe.directory=*", ...args], options);
  return exitCode === 0 ? stdout : undefined;
}
