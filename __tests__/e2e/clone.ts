import { cp, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../local/workspace";

/** Makes what a user has after `git clone` and `npm ci`: every file but the tests. */
export async function cloneProject(directory: string): Promise<void> {
  // Git refuses a directory of somebody else, such as the one that a CI job is given.
  const git = ["-c", `safe.directory=${projectRoot}`, "ls-files", "-z"];
  const { stdout } = await execa("git", [...git, "--cached", "--others", "--exclude-standard"], {
    cwd: projectRoot,
  });
  const files = stdout.split("\0").filter((file) => file && !file.startsWith("__tests__/"));
  await mkdir(directory, { recursive: true });
  await Promise.all(files.map((file) => cp(path.join(projectRoot, file), path.join(directory, file))));
  await symlink(path.join(projectRoot, "node_modules"), path.join(directory, "node_modules"));
}
