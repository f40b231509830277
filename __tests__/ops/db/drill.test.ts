import {
  DBInstanceNotFoundFault,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  InvalidDBInstanceStateFault,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  type DBInstance,
} from "@aws-sdk/client-rds";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { drill, removeLeftover } from "../../../ops/db/drill";
import { drillIdentifier } from "../../../ops/db/drill-instance";
import { Problem } from "../../../ops/problem";
import { fakeAccess } from "./access";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// RDS answers as its API reference says: the emulator restores at once. No tunnel, and no waiting.
vi.mock("../../../ops/db/postgres-client", () => ({ majorVersion: vi.fn() }));
vi.mock("../../../ops/db/tunnel", () => ({
  withTunnel: vi.fn(async () => Promise.reject(new Problem("No plugin.", "Install it."))),
}));
vi.mock("../../../ops/db/database", async (original) => ({
  ...(await original<object>()),
  readPassword: vi.fn(async () => "a-password"),
}));
vi.mock("node:timers/promises", () => ({ setTimeout: vi.fn(async () => undefined) }));

const THROW_AWAY = "the-postgres-drill";
const TagList = [
  { Key: "Purpose", Value: "restore-drill" },
  { Key: "StartedBy", Value: "alice" },
];
const original: DBInstance = {
  DBInstanceIdentifier: "the-postgres",
  DBInstanceStatus: "available",
  DBInstanceClass: "db.t3.micro",
  EngineVersion: "15.14",
  AllocatedStorage: 20,
  StorageEncrypted: true,
  MultiAZ: true,
  DeletionProtection: true,
  DBName: "timeseries",
  MasterUsername: "tsuser",
  Endpoint: { Address: "the-postgres.abc.us-west-2.rds.amazonaws.com", Port: 5432 },
  DBSubnetGroup: { DBSubnetGroupName: "the-subnets" },
  VpcSecurityGroups: [{ VpcSecurityGroupId: "sg-db" }],
  DBParameterGroups: [{ DBParameterGroupName: "the-parameters" }],
};

const rds = mockClient(RDSClient);
afterAll(() => rds.restore());

/** The throw-away as RDS has it: `undefined` when there is none. */
let throwAway: DBInstance | undefined;

beforeEach(() => {
  throwAway = undefined;
  rds.reset();
  rds.on(DescribeDBInstancesCommand).callsFake(({ DBInstanceIdentifier: identifier }) => {
    const found = identifier === THROW_AWAY ? throwAway : original;
    if (!found) throw new DBInstanceNotFoundFault({ message: "none", $metadata: {} });
    return { DBInstances: [found] };
  });
  rds.on(DescribeDBSnapshotsCommand).resolves({
    DBSnapshots: [
      { DBSnapshotIdentifier: "old", Status: "available", SnapshotCreateTime: new Date("2026-01-01") },
      { DBSnapshotIdentifier: "unfinished", Status: "creating", SnapshotCreateTime: new Date("2026-01-03") },
      { DBSnapshotIdentifier: "newest", Status: "available", SnapshotCreateTime: new Date("2026-01-02") },
    ],
  });
  rds.on(RestoreDBInstanceFromDBSnapshotCommand).callsFake(() => {
    throwAway = { ...original, DBInstanceIdentifier: THROW_AWAY, TagList };
    return {};
  });
  rds.on(DeleteDBInstanceCommand).callsFake(() => {
    throwAway = undefined;
    return {};
  });
});

describe("a drill", () => {
  it("restores the newest complete snapshot, private and without what protects or costs", async () => {
    const result = await drill(fakeAccess());

    expect(rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand)[0]?.args[0].input).toMatchObject({
      DBSnapshotIdentifier: "newest",
      DBInstanceIdentifier: THROW_AWAY,
      DBSubnetGroupName: "the-subnets",
      VpcSecurityGroupIds: ["sg-db"],
      DBParameterGroupName: "the-parameters",
      PubliclyAccessible: false,
      MultiAZ: false,
      DeletionProtection: false,
      BackupRetentionPeriod: 0,
      Tags: expect.arrayContaining([{ Key: "Purpose", Value: "restore-drill" }]),
    });
    expect(result).toMatchObject({ snapshot: "newest", throwAway: "removed" });
  });

  it("says what it did not compare, and why", async () => {
    const { compared, tablesNotCompared } = await drill(fakeAccess());

    expect(compared.map(({ what }) => what)).toContain("engine version");
    expect(tablesNotCompared).toBe("No plugin.\nInstall it.");
  });

  it("removes the throw-away without a snapshot of it, and nothing else", async () => {
    await drill(fakeAccess());

    expect(rds.commandCalls(DeleteDBInstanceCommand).map(({ args }) => args[0].input)).toEqual([
      { DBInstanceIdentifier: THROW_AWAY, SkipFinalSnapshot: true, DeleteAutomatedBackups: true },
    ]);
  });

  it("removes it when the restore fails", async () => {
    rds.on(RestoreDBInstanceFromDBSnapshotCommand).callsFake(() => {
      throwAway = { DBInstanceIdentifier: THROW_AWAY, DBInstanceStatus: "incompatible-restore", TagList };
      return {};
    });

    await expect(drill(fakeAccess())).rejects.toThrow("incompatible-restore");
    expect(throwAway).toBeUndefined();
  });

  it("removes it after Ctrl-C", async () => {
    const controller = new AbortController();
    const access = fakeAccess(controller.signal);
    rds.on(RestoreDBInstanceFromDBSnapshotCommand).callsFake(() => {
      throwAway = { DBInstanceIdentifier: THROW_AWAY, DBInstanceStatus: "creating", TagList };
      controller.abort(new Error("Ctrl-C"));
      return {};
    });

    await expect(drill(access)).rejects.toThrow("Ctrl-C");
    expect(throwAway).toBeUndefined();
    expect(access.said.at(-1)).toBe(`${THROW_AWAY} is being deleted: RDS goes on by itself.`);
  });

  it("says what is left and how to remove it when RDS refuses", async () => {
    const access = fakeAccess();
    rds
      .on(DeleteDBInstanceCommand)
      .rejects(new InvalidDBInstanceStateFault({ message: "no", $metadata: {} }));

    expect(await drill(access)).toMatchObject({ throwAway: "left" });
    expect(access.said.at(-1)).toContain("npm run ops -- db drill --remove");
  });

  it("tells what RDS goes on deleting from what it refuses to delete", async () => {
    rds.on(DeleteDBInstanceCommand).resolves({});

    expect(await drill(fakeAccess())).toMatchObject({ throwAway: "deleting" });
  });

  it("needs a snapshot, and says how to take one", async () => {
    rds.on(DescribeDBSnapshotsCommand).resolves({ DBSnapshots: [] });

    await expect(drill(fakeAccess())).rejects.toMatchObject({
      remedy: expect.stringContaining("aws rds create-db-snapshot --db-instance-identifier the-postgres"),
    });
  });

  it("leaves the drill of somebody else alone", async () => {
    throwAway = { DBInstanceIdentifier: THROW_AWAY, DBInstanceStatus: "creating", TagList };

    await expect(drill(fakeAccess())).rejects.toThrow("alice started it");
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toEqual([]);
  });

  it("leaves it alone, too, when that one began a moment ago", async () => {
    rds.on(RestoreDBInstanceFromDBSnapshotCommand).rejects(new Error("DBInstanceAlreadyExists"));

    await expect(drill(fakeAccess())).rejects.toThrow("DBInstanceAlreadyExists");
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toEqual([]);
  });
});

describe("removing what a drill has left", () => {
  const application = { appName: "the", region: "us-west-2" };

  it("removes what has the tag of a drill", async () => {
    throwAway = { DBInstanceIdentifier: THROW_AWAY, TagList };

    expect(await removeLeftover(application, fakeAccess())).toBe(THROW_AWAY);
    expect(throwAway).toBeUndefined();
  });

  it("does so when the original is gone", async () => {
    throwAway = { DBInstanceIdentifier: THROW_AWAY, TagList };
    rds
      .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: "the-postgres" })
      .rejects(new DBInstanceNotFoundFault({ message: "none", $metadata: {} }));

    expect(await removeLeftover(application, fakeAccess())).toBe(THROW_AWAY);
  });

  it("removes nothing without it", async () => {
    throwAway = { DBInstanceIdentifier: THROW_AWAY, TagList: [{ Key: "Purpose", Value: "another" }] };

    await expect(removeLeftover(application, fakeAccess())).rejects.toThrow("was not made by a drill");
    expect(rds.commandCalls(DeleteDBInstanceCommand)).toEqual([]);
  });

  it("does nothing where there is nothing", async () => {
    expect(await removeLeftover(application, fakeAccess())).toBeUndefined();
  });
});

describe("the name of the throw-away", () => {
  it.each([
    ["the-postgres", "the-postgres-drill"],
    ["a".repeat(63), `${"a".repeat(57)}-drill`],
    [`${"a".repeat(56)}-postgres`, `${"a".repeat(56)}-drill`],
  ])("of %s is one that RDS takes", (identifier, expected) => {
    expect(drillIdentifier(identifier)).toBe(expected);
  });
});
