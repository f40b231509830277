// The emulator hands out ECR's password, but is no registry: a program in the place of docker notes what it is
// asked for, and pushes nothing.
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startDeployment, type Deployment } from "./deployment";
import { ops } from "./ops-cli";

const registry = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
const repository = `${registry}/time-series-analyzer-backend`;

const DOCKER = `#!/bin/sh
echo "$@" >> "$CALLS"
case "$1 $2" in
  "image inspect") echo "linux/$ARCHITECTURE" ;;
  "login "*) echo "password $(cat)" >> "$CALLS" ;;
  "push "*) test -z "$PUSH_FAILS" || { echo "denied: no basic auth credentials" >&2; exit 1; } ;;
esac
`;

let aws: Deployment;
let root: string;
let sources: string;
let commit: string;

beforeAll(async () => {
  aws = await startDeployment();
  root = aws.root;
  await writeFile(
    path.join(root, "terraform.tfvars"),
    'db_password = "a-password"\napi_key = "a-key"\nbackend_image_tag = "v7"\n',
  );
  await deployOutputs();
  await aws.terraform.init();
  sources = await repositoryOfSources();
  commit = await git("rev-parse", "--short=12", "HEAD");
  await mkdir(path.join(root, "bin"));
  await writeFile(path.join(root, "bin/docker"), DOCKER);
  await chmod(path.join(root, "bin/docker"), 0o755);
});

beforeEach(() => rm(path.join(root, "calls"), { force: true }));

afterAll(async () => {
  await aws?.remove();
});

describe("images push", () => {
  it("builds, looks, logs in and pushes under the tag that tasks run and the commit", async () => {
    const { exitCode, stdout } = await push(["--backend", sources]);

    const tags = [`${repository}:v7`, `${repository}:${commit}`];
    expect(await calls()).toEqual([
      "version",
      `build --platform linux/amd64 --tag ${tags[0]} --tag ${tags[1]} ${sources}`,
      `image inspect --format {{.Os}}/{{.Architecture}} ${tags[0]}`,
      `login --username AWS --password-stdin ${registry}`,
      expect.stringMatching(/^password \S+/),
      `push ${tags[0]}`,
      `push ${tags[1]}`,
    ]);
    for (const tag of tags) expect(stdout).toContain(`  ${tag}\n`);
    expect(exitCode).toBe(0);
  });

  it("marks the commit where files differ from it, and prints JSON alone for machines", async () => {
    await writeFile(path.join(sources, "new.py"), "");

    const { stdout } = await push(["--backend", sources, "--tag", "v8", "--json"]);

    expect(JSON.parse(stdout)).toEqual({ pushed: [`${repository}:v8`, `${repository}:${commit}-dirty`] });
  });

  it("refuses an image of another architecture, and neither logs in nor pushes", async () => {
    const { exitCode, stderr } = await push(["--image", "mine:1"], { ARCHITECTURE: "arm64" });

    expect(exitCode).toBe(1);
    expect(stderr).toContain("mine:1 is for linux/arm64, and the tasks need linux/amd64");
    expect((await calls()).filter((call) => /^(login|push)/.test(call))).toEqual([]);
  });

  it("tells docker's own words when it fails", async () => {
    const { exitCode, stderr } = await push(["--image", "mine:1"], { PUSH_FAILS: "yes" });

    expect(exitCode).toBe(1);
    expect(stderr).toContain("docker push failed:\ndenied: no basic auth credentials");
  });

  it.each([
    [[], "There is nothing to push."],
    [["--backend", ".", "--image", "mine:1"], "two sources of one image"],
    [["--backend", "/nowhere"], "There is no directory /nowhere."],
  ])("%j is refused before anything is done", async (args, message) => {
    const { exitCode, stderr } = await push(args);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

async function push(args: readonly string[], env: Record<string, string> = {}) {
  return ops(aws, ["images", "push", ...args], {
    PATH: `${path.join(root, "bin")}:${process.env.PATH}`,
    CALLS: path.join(root, "calls"),
    ARCHITECTURE: "amd64",
    ...env,
  });
}

async function calls(): Promise<string[]> {
  return (await readFile(path.join(root, "calls"), "utf8")).trim().split("\n");
}

/** All that the command needs of a deployment, without the minutes that one takes. */
async function deployOutputs(): Promise<void> {
  const outputs = {
    aws_region: "us-west-2",
    backend_ecr_url: repository,
    frontend_ecr_url: `${registry}/time-series-analyzer-frontend`,
  };
  await writeFile(
    path.join(root, "terraform.time-series-analyzer.tfstate"),
    JSON.stringify({
      version: 4,
      terraform_version: "1.11.0",
      serial: 1,
      lineage: "a-lineage",
      resources: [],
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [name, { value, type: "string" }]),
      ),
    }),
  );
}

/** The backend's sources in a Git repository of their own. */
async function repositoryOfSources(): Promise<string> {
  sources = path.join(root, "backend");
  await mkdir(sources);
  await writeFile(path.join(sources, "Dockerfile"), "FROM scratch\n");
  await git("init", "--quiet");
  await git("add", ".");
  await git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "first");
  return sources;
}

async function git(...args: string[]): Promise<string> {
  return (await execa("git", args, { cwd: sources })).stdout;
}
