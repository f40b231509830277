import { ECRClient, ListImagesCommand } from "@aws-sdk/client-ecr";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Interruption } from "../../../local/interruption";
import { stackTerraform } from "../../../ops/deployment";
import { destroy, type DestroyOptions } from "../../../ops/destroy/destroy";
import { remainsOf } from "../../../ops/destroy/remains";
import { runningIn } from "../../../ops/destroy/running";
import { plannedCreations } from "../../../ops/existing/planned";
import { Problem } from "../../../ops/problem";
import { readLock, readState, statePlace } from "../../../ops/state-file";
import { stateOf, subject } from "../doctor/subject";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// The files, the Terraform and the AWS that would be asked.
vi.mock("../../../ops/values", () => ({
  StackValues: class {
    files = ["/project/terraform.tfvars"];
    effective = async () => values;
  },
}));
vi.mock("../../../ops/deployment", () => ({ stackTerraform: vi.fn() }));
vi.mock("../../../ops/existing/planned", () => ({ plannedCreations: vi.fn() }));
vi.mock("../../../ops/destroy/remains", () => ({ remainsOf: vi.fn() }));
vi.mock("../../../ops/destroy/running", () => ({ runningIn: vi.fn() }));
vi.mock("../../../ops/state-file", async (original) => ({
  ...(await original<object>()),
  readLock: vi.fn(),
  readState: vi.fn(),
  statePlace: vi.fn(),
}));

const { values } = subject({ db_skip_final_snapshot: false, secret_recovery_window_in_days: 30 });
const database = {
  arn: "arn:aws:rds:us-west-2:123456789012:db:it",
  skip_final_snapshot: false,
  tags_all: { Project: "time-series-analyzer" },
};
const protectedDatabase = { ...database, deletion_protection: true };
const sts = mockClient(STSClient);
const ecr = mockClient(ECRClient);
const done: string[] = [];

beforeEach(() => {
  done.length = 0;
  sts.reset();
  ecr.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012" });
  ecr.on(ListImagesCommand).resolves({ imageIds: [] });
  vi.mocked(statePlace).mockResolvedValue({ kind: "s3", bucket: "states", key: "it", region: "us-west-2" });
  vi.mocked(readLock).mockResolvedValue(undefined);
  vi.mocked(readState).mockResolvedValue(stateOf({ "aws_db_instance.postgres": database }));
  vi.mocked(plannedCreations).mockResolvedValue([]);
  vi.mocked(remainsOf).mockResolvedValue({ leftovers: [], survivors: [] });
  vi.mocked(runningIn).mockResolvedValue([]);
  vi.mocked(stackTerraform).mockResolvedValue({
    plan: async (_: object, ...targets: string[]) => {
      done.push(`plan ${targets.join(" ")}`);
      const changes = [{ address: "aws_db_instance.postgres", action: "update" }];
      return { changes, file: "/nowhere/1.tfplan" };
    },
    apply: async ({ variables }: { variables: object }) =>
      void done.push(`apply ${JSON.stringify(variables)}`),
    destroy: async ({ variables }: { variables: object }) =>
      void done.push(`destroy ${JSON.stringify(variables)}`),
  } as never);
});

afterAll(() => {
  sts.restore();
  ecr.restore();
});

describe("destroy", () => {
  it("asks first, and destroys at once what nothing protects", async () => {
    await run();

    expect(done).toEqual(["confirmed time-series-analyzer", "destroy {}"]);
  });

  it("takes protections off between the question and the destroy, by values beside terraform.tfvars", async () => {
    vi.mocked(readState).mockResolvedValue(stateOf({ "aws_db_instance.postgres": protectedDatabase }));

    await run({ removeProtection: true });

    expect(done).toEqual([
      "confirmed time-series-analyzer",
      "plan -target=aws_db_instance.postgres",
      'apply {"db_deletion_protection":false}',
      'destroy {"db_deletion_protection":false}',
    ]);
  });

  it("goes without the last snapshot only when told so beside --remove-protection", async () => {
    await expect(run({ skipFinalSnapshot: true })).rejects.toThrow(
      "last snapshot of the database is a protection",
    );
    expect(done).toEqual([]);

    await run({ skipFinalSnapshot: true, removeProtection: true });
    expect(done.at(-1)).toBe('destroy {"db_skip_final_snapshot":true,"db_deletion_protection":false}');
  });

  it.each([
    [
      "the account",
      { arn: "arn:aws:rds:us-west-2:999999999999:db:it" },
      "account: 999999999999 in the state",
    ],
    ["the region", { arn: "arn:aws:rds:eu-west-1:123456789012:db:it" }, "aws_region: eu-west-1 in the state"],
    ["the name", { tags_all: { Project: "another" } }, "app_name: another in the state"],
  ])(
    "refuses where %s of the state is another one: Terraform would forget what still runs",
    async (_, changes, text) => {
      vi.mocked(readState).mockResolvedValue(
        stateOf({ "aws_db_instance.postgres": { ...database, ...changes } }),
      );

      await expect(run({ removeProtection: true })).rejects.toMatchObject({
        message: expect.stringContaining(text),
        exitCode: 2,
      });
      expect(done).toEqual([]);
    },
  );

  it("refuses while somebody else works on the state, and names who", async () => {
    vi.mocked(readLock).mockResolvedValue({
      id: "1",
      who: "ada@laptop",
      operation: "apply",
      created: "today",
    });

    await expect(run()).rejects.toThrow(
      "ada@laptop works on the state since today (apply). Nothing was done.",
    );
    expect(done).toEqual([]);
  });

  it("says after Ctrl-C how far it came, from the state as it is then", async () => {
    const service = { "aws_ecs_service.backend_service": {} };
    vi.mocked(readState)
      .mockResolvedValueOnce(stateOf({ "aws_db_instance.postgres": database, ...service }))
      .mockResolvedValueOnce(stateOf({ "aws_db_instance.postgres": database }));
    const interruption = new Interruption("SIGINT");
    vi.mocked(stackTerraform).mockResolvedValue({ destroy: () => Promise.reject(interruption) } as never);

    const error = await run().catch((reason: unknown) => reason);

    expect(error).toBe(interruption);
    expect(interruption.exitCode).toBe(130);
    expect(interruption.message).toContain("1 of 2 resources are destroyed. The database is still there.");
    expect(interruption.message).toContain("To go on, run the command again.");
  });

  it("says after a failure that what is left cannot be told, when the state cannot be read any more", async () => {
    vi.mocked(readState)
      .mockResolvedValueOnce(stateOf({ "aws_db_instance.postgres": database }))
      .mockRejectedValueOnce(new Error("The token has expired."));
    const failure = new Error("terraform failed");
    vi.mocked(stackTerraform).mockResolvedValue({ destroy: () => Promise.reject(failure) } as never);

    await expect(run()).rejects.toThrow("What is left cannot be told: The token has expired.");
    expect(failure.message).not.toMatch(/\d of \d|database/);
    expect(vi.mocked(readState).mock.lastCall?.[1].aborted).toBe(false);
  });

  it("takes a state that is gone after a failure for an empty one", async () => {
    vi.mocked(readState)
      .mockResolvedValueOnce(stateOf({ "aws_db_instance.postgres": database }))
      .mockResolvedValueOnce(undefined);
    vi.mocked(stackTerraform).mockResolvedValue({
      destroy: () => Promise.reject(new Error("terraform failed")),
    } as never);

    await expect(run()).rejects.toThrow("1 of 1 resources are destroyed. The database is gone.");
  });

  it("refuses before the question while something runs that ops has started, and says how to end it", async () => {
    vi.mocked(runningIn).mockResolvedValue([
      { what: "a drill", end: "remove it" },
      { what: "a migration", end: "stop it" },
    ]);

    await expect(run()).rejects.toMatchObject({
      message: expect.stringContaining("  a drill\n  a migration\nNothing was done."),
      remedy: expect.stringContaining("remove it\nstop it"),
      exitCode: 2,
    });
    expect(done).toEqual([]);
  });

  it.each([
    ["AccessDenied", new Problem("AccessDenied", "Ask for it.", 2), 1],
    ["interrupted by SIGINT", new Interruption("SIGINT"), 130],
  ])(
    "says that all is destroyed although asking AWS afterwards ends with %s",
    async (reason, error, exitCode) => {
      vi.mocked(readState).mockResolvedValue(stateOf({ "aws_db_instance.postgres": database }));
      vi.mocked(remainsOf).mockRejectedValue(error);

      const failed = await run().catch((thrown: unknown) => thrown);

      expect(done.at(-1)).toBe("destroy {}");
      expect(failed).toMatchObject({ exitCode });
      expect(String(failed)).toContain(
        `time-series-analyzer is destroyed. Whether something is left could not be asked: ${reason}`,
      );
      expect(String(failed)).toContain("the database snapshot of that day: billed every month");
    },
  );

  it("only asks AWS where the state is empty already", async () => {
    vi.mocked(readState).mockResolvedValue(undefined);

    expect(await run()).toMatchObject({ inventory: undefined });
    expect(done).toEqual([]);
    expect(remainsOf).toHaveBeenCalled();
  });

  it("says of what stays until when, which AWS no longer tells", async () => {
    const secret = { name: "it-key", recovery_window_in_days: 30 };
    vi.mocked(readState).mockResolvedValue(stateOf({ "aws_secretsmanager_secret.api_key": secret }));
    vi.mocked(remainsOf).mockResolvedValue({
      leftovers: [],
      survivors: [{ what: "the secret it-key", meaning: "in its recovery window" }],
    });

    expect((await run()).remains.survivors).toEqual([
      { what: "the secret it-key", meaning: expect.stringMatching(/until \d{4}-\d\d-\d\d/) },
    ]);
  });
});

async function run(options: Partial<DestroyOptions> = {}) {
  return destroy({
    directory: "cdktf.out/stacks/time-series-analyzer",
    json: true,
    removeProtection: false,
    skipFinalSnapshot: false,
    signal: new AbortController().signal,
    confirm: async ({ appName }) => void done.push(`confirmed ${appName}`),
    ...options,
  });
}
