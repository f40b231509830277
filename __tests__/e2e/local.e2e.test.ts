import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type Options } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { identify, stillRuns, type ProcessIdentity } from "../../local/child-process";
import { findKeptRun, KEPT } from "../../local/kept";
import { localDirectory, projectRoot, workspaceOf } from "../../local/workspace";

/** The command in a pipe, with a caller's environment that would break a deployment if it leaked in. */
function start(file: string, args: readonly string[]) {
  const command = execa(file, args, {
    cwd: projectRoot,
    env: { TF_VAR_environment: "leaked", TF_CLI_ARGS_apply: "-refresh=leaked", AWS_PROFILE: "leaked" },
    all: true,
    reject: false,
  } satisfies Options);
  let output = "";
  command.all.on("data", (chunk: Buffer) => (output += chunk.toString()));

  return {
    ended: command,
    pid: command.pid ?? Number.NaN,
    /** Resolves when the command has printed `text`. */
    async prints(text: string | RegExp): Promise<void> {
      const ended = command.then(() => true);
      while (!new RegExp(text).test(output)) {
        if (await Promise.race([ended, sleep(100, false)])) {
          throw new Error(`the command ended without printing ${String(text)}:\n${output}`);
        }
      }
    },
  };
}

const npm = (...args: string[]) => start("npm", ["run", ...args]);

/** A process with everything below it: npm, the command, Terraform, the provider, the emulator. */
async function processTree(root: number): Promise<ProcessIdentity[]> {
  const { stdout } = await execa("ps", ["-eo", "pid=,ppid="]);
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const pid of tree) {
    tree.push(...pairs.filter(([, parent]) => parent === pid).map(([child]) => child ?? Number.NaN));
  }
  return (await Promise.all(tree.map(identify))).filter((each) => each !== undefined);
}

async function survivorsOf(tree: readonly ProcessIdentity[]): Promise<ProcessIdentity[]> {
  const alive = await Promise.all(tree.map(stillRuns));
  return tree.filter((_, index) => alive[index]);
}

/** The directory of a run that one of these processes has made. */
async function directoryOf(tree: readonly ProcessIdentity[]): Promise<string> {
  for (const name of await readdir(localDirectory)) {
    const file = path.join(localDirectory, name, "owner.json");
    const text = await readFile(file, "utf8").catch(() => "null");
    const owner = JSON.parse(text) as ProcessIdentity | null;
    if (tree.some(({ pid }) => pid === owner?.pid)) return path.join(localDirectory, name);
  }
  throw new Error(`no directory in ${localDirectory} belongs to the processes of this run`);
}

beforeAll(async () => {
  if ((await findKeptRun()).state !== "none") {
    throw new Error('an emulator is kept already: end it with "npm run local:down" to test the command');
  }
  // Returned rather than an afterAll, which would also run after the refusal above and end what it protects.
  return async () => {
    await execa("npm", ["run", "local:down"], { cwd: projectRoot });
  };
});

describe("an interrupted npm run local", () => {
  test.concurrent.each([
    ["SIGINT", 130, "created aws_", "the command, the emulator, Terraform and its provider", 4],
    ["SIGTERM", 143, "Deploy the stack", "the command and the emulator", 2],
    ["SIGHUP", 129, "Initialize Terraform", "the command and the emulator", 2],
  ] as const)(
    "leaves nothing behind after %s, and exits with %i",
    async (signal, exitCode, line, who, many) => {
      const command = start(process.execPath, ["runner/run.mjs", "local/cli.ts"]);
      await command.prints(line);
      const tree = await processTree(command.pid);
      const directory = await directoryOf(tree);
      expect(tree.length, who).toBeGreaterThanOrEqual(many);

      process.kill(command.pid, signal);
      const result = await command.ended;

      expect(result.exitCode).toBe(exitCode);
      expect(result.all).toContain(`interrupted by ${signal}`);
      expect(await survivorsOf(tree)).toEqual([]);
      expect(existsSync(directory)).toBe(false);
    },
  );
});

describe("npm run local, beside a kept run", () => {
  type Ended = Awaited<ReturnType<typeof start>["ended"]>;
  let plain: Ended;
  let plainTree: ProcessIdentity[];
  let plainDirectory: string;
  let kept: Ended;
  let secondKept: Ended;

  beforeAll(async () => {
    const keptCommand = npm("local", "--", "--keep");
    const plainCommand = npm("local");
    await Promise.all([keptCommand.prints("created aws_"), plainCommand.prints("created aws_")]);
    plainTree = await processTree(plainCommand.pid);
    plainDirectory = await directoryOf(plainTree);
    [plain, kept] = await Promise.all([plainCommand.ended, keptCommand.ended]);
    secondKept = await npm("local", "--", "--keep").ended;
  });

  test("succeeds", () => {
    expect(plain.exitCode, plain.all).toBe(0);
    expect(kept.exitCode, kept.all).toBe(0);
  });

  test("says in plain lines what it has done, how much is left, and for how long it has been at it", () => {
    expect(plain.stdout).toMatch(/\d+ changes to make/);
    expect(plain.stdout).toMatch(/\d+\/\d+ · \d+:\d\d · created aws_vpc\.time_series_vpc \(\d+ s\)/);
    expect(plain.stdout).toMatch(/\d+\/\d+ · \d+:\d\d · creating .*aws_db_instance\.postgres \(\d+ s\)/);
    // No colours, no cursor movements.
    expect(plain.stdout).not.toContain("\u001b");
  });

  test("shows the outputs as a table, the sensitive ones without their value", () => {
    expect(plain.stdout).toMatch(/│ vpc_id +│ vpc-\w+ +│/);
    expect(plain.stdout).toMatch(/│ ecs_cluster_name +│ time-series-analyzer-cluster +│/);
    expect(plain.stdout).toMatch(/│ database_endpoint +│ \(sensitive\) +│/);
    expect(plain.stdout).not.toContain("change-me");
  });

  test("says what to do next", () => {
    expect(plain.stdout).toContain("npm run local -- --keep");
    expect(plain.stdout).toContain("npx cdktf deploy");
  });

  test("leaves nothing behind", async () => {
    expect(plainTree.length).toBeGreaterThanOrEqual(4);
    expect(await survivorsOf(plainTree)).toEqual([]);
    expect(existsSync(plainDirectory)).toBe(false);
  });

  test("a second --keep is refused with the way out", () => {
    expect(secondKept.exitCode).toBe(1);
    expect(secondKept.stderr).toMatch(
      /an emulator is kept already, at http:\/\/127\.0\.0\.1:\d+: .*npm run local:down/,
    );
  });

  test("what --keep prints makes aws and terraform work in any shell", async () => {
    const setUp = kept.stdout.split("\n").filter((line) => /^(unset|export|cd) /.test(line));
    const script = [
      ...setUp,
      "terraform output -raw load_balancer_dns && echo",
      'aws ecs describe-services --cluster "$(terraform output -raw ecs_cluster_name)"' +
        ' --services "$(terraform output -raw ecs_service_name)" --query "services[0].status" --output text',
      "terraform plan -detailed-exitcode -no-color",
    ].join("\n");

    const { stdout } = await execa("sh", ["-eu", "-c", script], {
      cwd: "/",
      env: { AWS_SESSION_TOKEN: "leaked", AWS_PROFILE: "leaked" },
    });

    expect(setUp).toContain("export AWS_ACCESS_KEY_ID=test");
    expect(stdout).toMatch(/\.elb\.amazonaws\.com$/m);
    expect(stdout).toMatch(/^ACTIVE$/m);
    expect(stdout).toContain("No changes.");
  });

  test("npm run local:down ends it and removes everything, and may be repeated", async () => {
    const run = await findKeptRun();
    const emulator = run.state === "running" ? run.emulator : undefined;

    const down = await npm("local:down").ended;

    expect(down.exitCode).toBe(0);
    expect(down.stdout).toContain(`Ended the emulator at ${String(emulator?.endpoint)}`);
    expect(emulator && (await stillRuns(emulator.process))).toBe(false);
    expect(existsSync(workspaceOf(KEPT).directory)).toBe(false);

    const again = await npm("local:down").ended;
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toContain("Nothing is running.");
  });
});

test("a wrong option is refused, and --help teaches", async () => {
  const [wrong, help] = await Promise.all([
    npm("local", "--", "--kepp").ended,
    npm("local", "--", "--help").ended,
  ]);

  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toContain("Did you mean --keep?");
  expect(help.stdout).toContain("--keep");
  expect(help.stdout).toContain(".local/");
});
