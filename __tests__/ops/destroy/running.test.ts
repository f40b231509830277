// Answers as AWS documents them: the emulator runs no tasks.
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { remainsOf } from "../../../ops/destroy/remains";
import { runningIn } from "../../../ops/destroy/running";
import { awsError } from "../doctor/subject";

const ecs = mockClient(ECSClient);
const rds = mockClient(RDSClient);
const logs = mockClient(CloudWatchLogsClient);
const secrets = mockClient(SecretsManagerClient);
const mocks = [ecs, rds, logs, secrets];
const { signal } = new AbortController();
const target = { appName: "app", region: "us-west-2", signal };
const remove = "npm run ops -- db drill --remove";

beforeEach(() => {
  mocks.forEach((mock) => mock.reset());
  logs.onAnyCommand().resolves({});
  secrets.onAnyCommand().resolves({});
  rds.onAnyCommand().resolves({});
  rds.on(DescribeDBInstancesCommand).rejects(awsError("DBInstanceNotFoundFault"));
  ecs.on(ListTasksCommand).resolves({ taskArns: [] });
});
afterAll(() => mocks.forEach((mock) => mock.restore()));

describe("what ops has started and destroy would trip over", () => {
  it("is nothing, as a rule, nor where the cluster is gone", async () => {
    expect(await runningIn(target, signal)).toEqual([]);

    ecs.on(ListTasksCommand).rejects(awsError("ClusterNotFoundException"));
    expect(await runningIn(target, signal)).toEqual([]);
  });

  it("is the database of a drill", async () => {
    drillLeft([{ Key: "Purpose", Value: "restore-drill" }]);

    expect(await runningIn(target, signal)).toEqual([
      { what: "the database of a restore drill, app-postgres-drill", end: remove },
    ]);
  });

  it("is not a database that no drill has made", async () => {
    drillLeft([]);

    expect(await runningIn(target, signal)).toEqual([]);
    expect((await remainsOf([], target)).leftovers).toEqual([]);
  });

  it("is a tunnel or a migration, and not a task of the service, on every page", async () => {
    ecs
      .on(ListTasksCommand, { cluster: "app-cluster" })
      .resolves({ taskArns: ["arn:cluster/1", "arn:cluster/2"], nextToken: "more" })
      .on(ListTasksCommand, { cluster: "app-cluster", nextToken: "more" })
      .resolves({ taskArns: ["arn:cluster/3"] })
      .on(DescribeTasksCommand, { tasks: ["arn:cluster/1", "arn:cluster/2"] })
      .resolves({
        tasks: [
          { taskArn: "arn:cluster/1", startedBy: "ops-db/ada" },
          { taskArn: "arn:cluster/2", startedBy: "ecs-svc/1234" },
        ],
      })
      .on(DescribeTasksCommand, { tasks: ["arn:cluster/3"] })
      .resolves({ tasks: [{ taskArn: "arn:cluster/3", startedBy: "ops-deploy-migrate" }] });

    expect(await runningIn(target, signal)).toEqual([
      {
        what: "a tunnel to the database, started by ops-db/ada",
        end: "aws ecs stop-task --region us-west-2 --cluster app-cluster --task 1",
      },
      {
        what: "a migration of ops deploy",
        end: "aws ecs stop-task --region us-west-2 --cluster app-cluster --task 3",
      },
    ]);
  });
});

describe("what is left afterwards", () => {
  it("has the database of a drill, which bills, and how to remove it", async () => {
    drillLeft([{ Key: "Purpose", Value: "restore-drill" }]);

    expect((await remainsOf([], target)).leftovers).toEqual([
      { address: `left by a drill (${remove})`, id: "app-postgres-drill", bills: true },
    ]);
  });
});

function drillLeft(TagList: { Key: string; Value: string }[]): void {
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: "app-postgres-drill" }).resolves({
    DBInstances: [{ DBInstanceIdentifier: "app-postgres-drill", TagList }],
  });
}
