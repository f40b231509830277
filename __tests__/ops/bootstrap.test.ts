import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../../local/child-process";
import { UserTerraform } from "../../local/user-terraform";
import { bootstrapCommand } from "../../ops/commands/bootstrap";
import { addGlobals } from "../../ops/globals";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// Synthesis, Terraform, the person at the terminal, and the signals of this process.
vi.mock("node:fs", async (original) => ({ ...(await original<object>()), existsSync: vi.fn() }));
vi.mock("node:readline/promises", () => ({ createInterface: vi.fn() }));
vi.mock("../../local/child-process", () => ({ run: vi.fn() }));
vi.mock("../../local/user-terraform", () => ({ UserTerraform: vi.fn() }));
vi.mock("../../local/interruption", () => ({ abortOnInterruption: () => new AbortController().signal }));

const PLAN = {
  changes: [{ address: "aws_s3_bucket.state", actions: ["create"] }],
  outputChanges: [],
  file: "f",
};
const outputs = {
  state_bucket: { value: "the-bucket", sensitive: false },
  state_key: { value: "the/key", sensitive: false },
  state_region: { value: "eu-west-1", sensitive: false },
  plan_role_arn: { value: "arn:plan", sensitive: false },
  deploy_role_arn: { value: "arn:deploy", sensitive: false },
};
const terraform = {
  init: vi.fn(),
  plan: vi.fn(),
  apply: vi.fn(),
  outputs: vi.fn(),
  run: vi.fn(),
};
const printed = vi.spyOn(console, "log");

beforeEach(() => {
  vi.clearAllMocks();
  printed.mockReturnValue(undefined);
  vi.mocked(existsSync).mockReturnValue(true);
  vi.mocked(run).mockResolvedValue({ exitCode: 0, stdout: "", stderr: "" });
  vi.mocked(UserTerraform).mockImplementation(function () {
    return terraform as unknown as UserTerraform;
  });
  terraform.plan.mockResolvedValue(PLAN);
  terraform.outputs.mockResolvedValue(outputs);
  terraform.run.mockResolvedValue({ exitCode: 0, stdout: "the plan in words", stderr: "" });
  process.stdin.isTTY = true;
});

describe("bootstrap", () => {
  it("shows the plan, applies it after a yes, and says what comes next", async () => {
    answer("yes");
    await bootstrap();

    expect(text()).toContain("the plan in words");
    expect(terraform.apply).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ plan: PLAN }));
    for (const line of [
      "export STATE_BUCKET=the-bucket",
      "export STATE_KEY=the/key",
      "export STATE_REGION=eu-west-1",
      "gh variable set AWS_PLAN_ROLE_ARN --body arn:plan",
      "gh variable set AWS_DEPLOY_ROLE_ARN --body arn:deploy",
    ]) {
      expect(text()).toContain(line);
    }
  });

  it.each(["", "y", "no"])("changes nothing after the answer %j", async (given) => {
    answer(given);

    await expect(bootstrap()).rejects.toThrow("You did not say yes: nothing was changed.");
    expect(terraform.apply).not.toHaveBeenCalled();
  });

  it("asks nothing with --yes, and gives machines one JSON document", async () => {
    await bootstrap("--yes", "--json");

    expect(createInterface).not.toHaveBeenCalled();
    expect(terraform.apply).toHaveBeenCalledOnce();
    expect(JSON.parse(text())).toMatchObject({ changed: 1, state_bucket: "the-bucket" });
  });

  it("applies nothing when there is nothing to change", async () => {
    terraform.plan.mockResolvedValue({ ...PLAN, changes: [] });
    await bootstrap();

    expect(terraform.apply).not.toHaveBeenCalled();
    expect(text()).toContain("export STATE_BUCKET=the-bucket");
  });

  it("says nothing of GitHub where there are no roles", async () => {
    terraform.outputs.mockResolvedValue({ ...outputs, plan_role_arn: { value: null, sensitive: false } });
    await bootstrap("--yes");

    expect(text()).toContain("export STATE_BUCKET=the-bucket");
    expect(text()).not.toContain("gh ");
  });

  it("wants --yes where nobody can be asked", async () => {
    process.stdin.isTTY = false;

    await expect(bootstrap()).rejects.toThrow("Nobody can be asked here");
    expect(UserTerraform).not.toHaveBeenCalled();
  });

  it("wants values first", async () => {
    vi.mocked(existsSync).mockReturnValue(false);

    await expect(bootstrap("--yes")).rejects.toThrow("There is no bootstrap/terraform.tfvars.");
    expect(UserTerraform).not.toHaveBeenCalled();
  });
});

async function bootstrap(...args: string[]): Promise<void> {
  await addGlobals(new Command())
    .addCommand(bootstrapCommand().exitOverride())
    .parseAsync(["bootstrap", ...args], { from: "user" });
}

function answer(given: string): void {
  vi.mocked(createInterface).mockReturnValue({
    question: async () => given,
    on: () => undefined,
    close: () => undefined,
  } as unknown as ReturnType<typeof createInterface>);
}

function text(): string {
  return printed.mock.calls.map(([line]) => String(line)).join("\n");
}
