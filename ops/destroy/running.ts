import { DescribeTasksCommand, ECSClient, paginateListTasks, type Task } from "@aws-sdk/client-ecs";
import { call, isAwsError } from "../db/aws-calls";
import { awsClient } from "../aws-client";
import { findThrowAway, REMOVE } from "../db/drill-instance";
import { STARTED_BY as TUNNEL, stopCommand } from "../db/tunnel-task";
import { STARTED_BY as MIGRATION } from "../migration";

/** Something that runs in the network of a deployment and that its state does not know. */
export interface Running {
  readonly what: string;
  /** The command that ends it. */
  readonly end: string;
}

/** Asks AWS for what other commands of ops have started: the database of a drill, and tasks of their own. */
export async function runningIn(
  { appName, region }: { readonly appName: string; readonly region: string },
  signal: AbortSignal,
): Promise<Running[]> {
  const cluster = `${appName}-cluster`;
  const throwAway = await findThrowAway({ appName, region }, signal);
  const tasks = await tasksIn(cluster, region, signal);
  return [
    ...(throwAway ? [{ what: `the database of a restore drill, ${throwAway}`, end: REMOVE }] : []),
    ...tasks.flatMap(({ taskArn = "", startedBy = "" }) => {
      const what = purposeOf(startedBy);
      return what ? [{ what, end: stopCommand(taskArn, cluster, region) }] : [];
    }),
  ];
}

function purposeOf(startedBy: string): string | undefined {
  if (startedBy === MIGRATION) return "a migration of ops deploy";
  return startedBy.startsWith(TUNNEL) ? `a tunnel to the database, started by ${startedBy}` : undefined;
}

/** The tasks of a cluster that run or start, and none where it is gone. */
async function tasksIn(cluster: string, region: string, signal: AbortSignal): Promise<Task[]> {
  const client = awsClient(ECSClient, region);
  try {
    return await call(signal, async (options) => {
      const found: Task[] = [];
      // A page has at most as many as can be asked for at once.
      for await (const { taskArns = [] } of paginateListTasks({ client }, { cluster }, options)) {
        if (taskArns.length === 0) continue;
        const { tasks = [] } = await client.send(
          new DescribeTasksCommand({ cluster, tasks: taskArns }),
          options,
        );
        found.push(...tasks);
      }
      return found;
    });
  } catch (error) {
    if (isAwsError(error, "ClusterNotFoundException")) return [];
    throw error;
  }
}
