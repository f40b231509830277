import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import type { Plan } from "../../../local/terraform";
import type { PlannedChange } from "../../../local/terraform-events";
import type { UserTerraform } from "../../../local/user-terraform";
import { confirm } from "../../../ops/destroy/confirmation";
import { endingsOf, outOfStep, valuesOf } from "../../../ops/destroy/endings";
import { takeInventory } from "../../../ops/destroy/inventory";
import { release } from "../../../ops/destroy/release";
import { stateOf, subject } from "../doctor/subject";

const production = stateOf({
  "aws_db_instance.postgres": {
    identifier: "app-postgres",
    allocated_storage: 20,
    deletion_protection: true,
    skip_final_snapshot: false,
    final_snapshot_identifier: "app-postgres-final-0123abcd",
    delete_automated_backups: false,
    backup_retention_period: 7,
  },
  "aws_lb.app_lb": { enable_deletion_protection: true, dns_name: "app-alb.elb.amazonaws.com" },
  "aws_ecr_repository.backend_repo": { name: "app-backend", force_delete: false },
  "aws_ecr_repository.frontend_repo": { name: "app-frontend", force_delete: false },
  "aws_s3_bucket.alb_logs[0]": { bucket: "app-logs", force_destroy: false },
  "aws_s3_bucket.frontend_bucket[0]": { bucket: "app-frontend", force_destroy: false },
  "aws_secretsmanager_secret.api_key": { name: "app-api-key", recovery_window_in_days: 30 },
  "aws_eip.nat_gateway_eips[0]": { public_ip: "203.0.113.7" },
  "aws_ecs_cluster.app_cluster": { name: "app-cluster" },
});
const development = stateOf({
  "aws_db_instance.postgres": {
    identifier: "app-postgres",
    allocated_storage: 20,
    deletion_protection: false,
    skip_final_snapshot: true,
    delete_automated_backups: true,
    backup_retention_period: 7,
  },
  "aws_ecr_repository.backend_repo": { name: "app-backend", force_delete: true },
  "aws_secretsmanager_secret.api_key": { name: "app-api-key", recovery_window_in_days: 0 },
});
const contents = {
  images: new Map([
    ["app-backend", 3],
    ["app-frontend", 0],
  ]),
  objects: new Map([
    ["app-logs", 1000],
    ["app-frontend", 2],
  ]),
};
const today = new Date("2026-01-02T12:00:00Z");
const options = { skipFinalSnapshot: false, secretRecoveryDays: 30, today };
const optionsOfDev = { skipFinalSnapshot: true, secretRecoveryDays: 0, today };

describe("what destroy says first", () => {
  it("of production: what is in the way, and the values that end it", () => {
    const { protections } = takeInventory(production, contents, options);

    expect(protections.map(({ address, variable, value }) => `${address} ${variable}=${value}`)).toEqual([
      "aws_db_instance.postgres db_deletion_protection=false",
      "aws_lb.app_lb alb_deletion_protection=false",
      // The empty repository is in nobody's way.
      "aws_ecr_repository.backend_repo ecr_force_delete=true",
      "aws_s3_bucket.alb_logs[0] alb_deletion_protection=false",
      "aws_s3_bucket.frontend_bucket[0] frontend_force_destroy=true",
    ]);
  });

  it("of production: what is lost and what stays, until when", () => {
    const { lost, stays } = takeInventory(production, contents, options);

    expect(lost).toEqual([
      "the database app-postgres (20 GiB), except for its last snapshot",
      "3 images in app-backend",
      "1000 or more files in app-logs",
      "2 files in app-frontend",
      "the addresses 203.0.113.7, which may be on allow-lists",
      "the name app-alb.elb.amazonaws.com, which DNS records may point at",
    ]);
    expect(stays.map(({ what, meaning }) => `${what}: ${meaning.split(/[,;]/)[0]}`)).toEqual([
      "the database snapshot app-postgres-final-0123abcd: billed every month by its size until you delete it",
      "automated backups of the database: until each expires (db_backup_retention_period)",
      "the secret app-api-key: can be restored until 2026-02-01",
      "the log /aws/ecs/containerinsights/app-cluster/performance: made by AWS itself",
    ]);
  });

  it("of production without a snapshot: nothing of the database stays", () => {
    const { lost, stays } = takeInventory(production, contents, { ...options, skipFinalSnapshot: true });

    expect(lost.slice(0, 2)).toEqual([
      "the database app-postgres (20 GiB) with all its data: there will be no snapshot of it",
      "its automated backups",
    ]);
    expect(stays.filter(({ what }) => what.includes("database"))).toEqual([]);
  });

  it("of dev: nothing is in the way, and nothing stays", () => {
    expect(takeInventory(development, contents, optionsOfDev)).toMatchObject({
      protections: [],
      lost: expect.arrayContaining(["the secret app-api-key, at once", "its automated backups"]),
      stays: [],
    });
  });
});

describe("how database and secrets end", () => {
  const dev = subject().values;
  const prod = { ...dev, db_skip_final_snapshot: false, secret_recovery_window_in_days: 30 };
  const imported = stateOf({
    "aws_db_instance.postgres": { skip_final_snapshot: true },
    "aws_secretsmanager_secret.api_key": { recovery_window_in_days: null },
    "aws_secretsmanager_secret_version.api_key_value": {},
  });
  const notTold = { skipFinalSnapshot: false };

  it.each([
    ["as it was applied", production, prod, []],
    ["as it was applied", development, dev, []],
    [
      "with what the values keep, where the state knows nothing of that since an import",
      imported,
      prod,
      ["aws_db_instance.postgres", "aws_secretsmanager_secret.api_key"],
    ],
  ])("is %s", (_, state, values, addresses) => {
    const endings = endingsOf(state, values, notTold);

    expect(outOfStep(state, endings)).toEqual(addresses);
    expect(valuesOf(endings, values)).toEqual({});
  });

  it("is with the snapshot and the window that were applied, although values that nobody applied want none", () => {
    const endings = endingsOf(production, dev, notTold);

    expect(endings).toEqual({ skipFinalSnapshot: false, secretRecoveryDays: 30 });
    expect(outOfStep(production, endings)).toEqual([]);
    expect(valuesOf(endings, dev)).toEqual({
      db_skip_final_snapshot: false,
      secret_recovery_window_in_days: 30,
    });
  });

  it("is without a snapshot where the operator says so", () => {
    const endings = endingsOf(production, prod, { skipFinalSnapshot: true });

    expect(outOfStep(production, endings)).toEqual(["aws_db_instance.postgres"]);
    expect(valuesOf(endings, prod)).toEqual({ db_skip_final_snapshot: true, db_deletion_protection: false });
  });
});

describe("confirmation", () => {
  const asked = { appName: "app", isTerminal: false, signal: new AbortController().signal };

  it("is the name, and nothing else", async () => {
    await expect(confirm({ ...asked, given: "app" })).resolves.toBeUndefined();
    await expect(confirm({ ...asked, given: "yes" })).rejects.toThrow(
      '"yes" is not app, so nothing was done',
    );
  });

  it("is refused where nobody can be asked", async () => {
    await expect(confirm({ ...asked, given: undefined })).rejects.toMatchObject({
      exitCode: 2,
      remedy: "Where this is meant, add: --confirm app",
    });
  });

  it.each([
    ["app", true],
    ["y", false],
  ])("typed as %s: %s", async (typed, isRight) => {
    const keyboard = new PassThrough();
    const input = vi.spyOn(process, "stdin", "get").mockReturnValue(keyboard as never);
    const output = vi.spyOn(process, "stdout", "get").mockReturnValue(new PassThrough() as never);
    const answer = confirm({ ...asked, given: undefined, isTerminal: true });
    keyboard.write(`${typed}\n`);
    const result = await answer.then(
      () => true,
      () => false,
    );
    input.mockRestore();
    output.mockRestore();

    expect(result).toBe(isRight);
  });
});

describe("taking protections off", () => {
  const values = { varFiles: [], onProgress: () => undefined };

  it("applies to the protected resources alone", async () => {
    const terraform = fake([change("aws_lb.app_lb", "update")]);

    await release(terraform, ["aws_lb.app_lb", "aws_lb.app_lb"], values);

    expect(terraform.plan).toHaveBeenCalledExactlyOnceWith(values, "-target=aws_lb.app_lb");
    expect(terraform.apply).toHaveBeenCalledOnce();
  });

  it("leaves out what was deleted at AWS in the meantime, rather than create it again", async () => {
    const terraform = fake(
      [change("aws_db_instance.postgres", "create"), change("aws_lb.app_lb", "update")],
      [change("aws_lb.app_lb", "update")],
    );

    await release(terraform, ["aws_db_instance.postgres", "aws_lb.app_lb"], values);

    expect(terraform.plan).toHaveBeenLastCalledWith(values, "-target=aws_lb.app_lb");
    expect(terraform.apply).toHaveBeenCalledOnce();
  });

  it("does nothing where terraform.tfvars asks for more than that", async () => {
    const terraform = fake([change("aws_db_instance.postgres", "replace")]);

    await expect(release(terraform, ["aws_db_instance.postgres"], values)).rejects.toThrow(
      "replace aws_db_instance.postgres",
    );
    expect(terraform.apply).not.toHaveBeenCalled();
  });

  function change(address: string, action: string): PlannedChange {
    return { address, action };
  }

  function fake(...plans: PlannedChange[][]) {
    const plan = vi.fn();
    for (const changes of plans)
      plan.mockResolvedValueOnce({ changes, file: "/nowhere/1.tfplan" } as unknown as Plan);
    return { plan, apply: vi.fn() } as unknown as UserTerraform;
  }
});
