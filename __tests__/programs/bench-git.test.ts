import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Checkout,
  copyWorkingTree,
  isWorkingTreeOf,
  mergeBase,
  writeCommit,
} from "../../bench/compare/git";

let parent: string;
let repository: string;
/** The project, in a directory of a larger repository. */
let checkout: Checkout;

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], {
    cwd: repository,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
const write = (file: string, text: string) => writeFile(join(checkout.directory, file), text);
const commit = () => {
  git("add", "--all");
  git("commit", "--message", "change");
  return git("rev-parse", "HEAD");
};

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "bench-git-test-"));
  repository = join(parent, "repository");
  checkout = { directory: join(repository, "infrastructure"), signal: new AbortController().signal };
  await mkdir(checkout.directory, { recursive: true });
  git("init", "--initial-branch", "main");
  await write("cdktf.json", "{}");
  await write("main.ts", "first");
});

afterEach(() => rm(parent, { recursive: true, force: true }));

describe("mergeBase", () => {
  it("is where the work branched off", async () => {
    const first = commit();
    git("switch", "--create", "work");
    await write("main.ts", "second");
    commit();
    git("switch", "main");
    await write("cdktf.json", "{ }");
    commit();
    git("switch", "work");

    expect(await mergeBase("main", checkout)).toBe(first);
  });

  it("says what to do about a branch that is not there, and one that shares nothing", async () => {
    commit();
    await expect(mergeBase("origin/main", checkout)).rejects.toMatchObject({
      message: "Git knows no commit origin/main here.",
      remedy: "Fetch it first: git fetch origin",
    });

    git("switch", "--orphan", "other");
    await mkdir(checkout.directory, { recursive: true });
    await write("main.ts", "other");
    commit();
    await expect(mergeBase("main", checkout)).rejects.toMatchObject({
      remedy: expect.stringContaining("git fetch --unshallow"),
    });
  });
});

describe("the two sides", () => {
  it("are the commit, and the working tree with what is not committed yet", async () => {
    await write("gone.ts", "gone");
    await write(".gitignore", "terraform.tfvars");
    const first = commit();
    await write("main.ts", "second");
    await write("new.ts", "new");
    await write("terraform.tfvars", "secret");
    await rm(join(checkout.directory, "gone.ts"));
    const [before, after] = [join(parent, "before"), join(parent, "after")];

    expect(await writeCommit(first, before, checkout)).toBe(true);
    await copyWorkingTree(after, checkout);

    expect((await readdir(before)).sort()).toEqual([".gitignore", "cdktf.json", "gone.ts", "main.ts"]);
    expect((await readdir(after)).sort()).toEqual([".gitignore", "cdktf.json", "main.ts", "new.ts"]);
    expect(await readFile(join(before, "main.ts"), "utf8")).toBe("first");
    expect(await readFile(join(after, "main.ts"), "utf8")).toBe("second");
    expect(git("worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(1);
    expect(git("diff", "--cached", "--name-only")).toBe("");
  });

  it("are the same where nothing was changed", async () => {
    const first = commit();
    expect(await isWorkingTreeOf(first, checkout)).toBe(true);

    await write("new.ts", "new");
    expect(await isWorkingTreeOf(first, checkout)).toBe(false);
  });

  it("need a project on both", async () => {
    await rm(join(checkout.directory, "cdktf.json"));
    const first = commit();

    expect(await writeCommit(first, join(parent, "before"), checkout)).toBe(false);
  });
});
