import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeImagesCommand } from "@aws-sdk/client-ecr";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStatus } from "../../ops/status";
import { statusTable } from "../../ops/status-table";
import { deployed, FakeBackend, globals, NEW, OLD, service } from "./fake-backend";

let aws: FakeBackend;
const cloudwatch = mockClient(CloudWatchClient);
const rds = mockClient(RDSClient);

beforeEach(() => {
  aws = new FakeBackend();
  aws.describe(
    service({
      events: [
        {
          createdAt: new Date("2026-01-01T11:00:00Z"),
          message: "(service app-backend-service) has reached a steady state.",
        },
      ],
    }),
  );
  aws.ecr.on(DescribeImagesCommand).resolves({
    imageDetails: [
      { imageDigest: OLD, imageTags: ["v1"], imagePushedAt: new Date("2026-01-01T08:00:00Z") },
      { imageDigest: NEW, imageTags: ["v2", "latest"], imagePushedAt: new Date("2026-01-02T08:00:00Z") },
    ],
  });
  cloudwatch.on(DescribeAlarmsCommand).resolves({
    MetricAlarms: [
      { AlarmName: "app-5xx", StateValue: "ALARM" },
      { AlarmName: "app-cpu", StateValue: "OK" },
    ],
  });
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: "app-db" }).resolves({
    DBInstances: [
      {
        DBInstanceStatus: "available",
        DBInstanceClass: "db.t3.micro",
        EngineVersion: "15.14",
        AllocatedStorage: 20,
        MultiAZ: true,
      },
    ],
  });
});

afterEach(() => {
  aws.restore();
});

describe("status", () => {
  it("reads everything that matters", async () => {
    expect(await readStatus(deployed, globals.signal)).toEqual({
      service: {
        name: "app-backend-service",
        desired: 2,
        running: 2,
        pending: 0,
        latestEvent: "has reached a steady state.",
      },
      deployments: [
        {
          taskDefinition: "app-backend:7",
          rollout: "COMPLETED",
          running: 2,
          desired: 2,
          failed: 0,
          since: new Date("2026-01-01T09:00:00Z"),
        },
      ],
      targets: "2 healthy",
      alarms: ["app-5xx"],
      database: {
        name: "app-db",
        status: "available",
        class: "db.t3.micro",
        version: "15.14",
        storageGiB: 20,
        multiAz: true,
      },
      image: {
        running: { digest: OLD, tags: ["v1"], pushedAt: new Date("2026-01-01T08:00:00Z") },
        named: { digest: NEW, tags: ["latest", "v2"], pushedAt: new Date("2026-01-02T08:00:00Z") },
      },
    });
  });

  it("asks only for alarms of this deployment", async () => {
    await readStatus(deployed, globals.signal);

    expect(cloudwatch.commandCalls(DescribeAlarmsCommand)[0]?.args[0].input).toMatchObject({
      ActionPrefix: "arn:aws:sns:us-west-2:123456789012:app-alarms",
    });
  });

  it("fits one screen", async () => {
    const screen = statusTable(await readStatus(deployed, globals.signal));

    for (const text of [
      "2 of 2 tasks running",
      "app-backend:7: completed, 2 of 2, since 2026-01-01 09:00 UTC",
      "2 healthy",
      "ringing: app-5xx",
      "db.t3.micro, PostgreSQL 15.14, 20 GiB, with a standby",
      "runs: v1 (sha256:000000000000, pushed 2026-01-01 08:00 UTC)",
      "next: latest, v2 (sha256:111111111111, pushed 2026-01-02 08:00 UTC), not deployed",
    ]) {
      expect(screen).toContain(text);
    }
    expect(screen.split("\n").length).toBeLessThanOrEqual(24);
    expect(Math.max(...screen.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it("says so where nothing was pushed yet", async () => {
    aws.ecr.on(DescribeImagesCommand).resolves({ imageDetails: [] });
    aws.hasDeployed([]);

    expect(statusTable(await readStatus(deployed, globals.signal))).toContain("none was pushed");
  });
});
