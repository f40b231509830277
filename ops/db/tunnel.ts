import { ECSClient } from "@aws-sdk/client-ecs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { freePort } from "../../local/free-port";
import { awsClient } from "../aws-client";
import { EXIT, Problem } from "../problem";
import type { Access } from "./access";
import { messageOf } from "./aws-calls";
import { checkPlugin, forwardPort, type Forwarding } from "./port-forwarding";
import {
  otherTunnels,
  readService,
  startTask,
  stopCommand,
  stopTask,
  waitForAgent,
  type Service,
  type TunnelTask,
} from "./tunnel-task";

const STOPPED_WITHIN_MS = 30_000;

/** Something that only the VPC can reach. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** A way into the VPC. */
export interface Tunnel {
  /** When it closes by itself. */
  readonly endsAt: Date;
  /**
   * Opens a port on this machine that leads to `destination`.
   *
   * @param localPort - A free one when it is left out.
   */
  forward(destination: Destination, localPort?: number): Promise<Forwarding>;
}

/**
 * Opens a way into the VPC for as long as `use` runs: a task in the subnets and the security group of the
 * service, and sessions of Systems Manager through it. Whatever happens, the task is stopped, and where that
 * fails the person is told what still runs, until when, and how to stop it.
 *
 * @param hours - After so many the task ends by itself.
 */
export async function withTunnel<T>(
  access: Access,
  hours: number,
  use: (tunnel: Tunnel) => Promise<T>,
): Promise<T> {
  const { deployment, signal, step } = access;
  const { region } = deployment;
  await checkPlugin(signal);
  const ecs = awsClient(ECSClient, region);
  const service = await readService(ecs, deployment, signal);
  await nameOthers(access, ecs, service);

  const task = await step("Starting a task in the private subnets", () => startTask(ecs, service, hours));
  const forwardings: Forwarding[] = [];
  const endings: string[] = [];
  try {
    signal.throwIfAborted();
    const target = await step("Waiting until it can be connected to", (report) =>
      waitForAgent(ecs, task, signal, report),
    );
    const ssm = awsClient(SSMClient, region);
    return await use({
      endsAt: task.endsAt,
      forward: async (destination, localPort) => {
        const port = localPort ?? (await freePort());
        const forwarding = await step(`Opening the way to ${destination.host}`, (report) =>
          forwardPort(ssm, { ...destination, target, region, localPort: port, signal, report }),
        );
        forwardings.push(forwarding);
        forwarding.ended.then(
          (why) => endings.push(why),
          () => undefined,
        );
        return forwarding;
      },
    });
  } catch (error) {
    if (endings.length === 0 || signal.aborted) throw error;
    throw new Problem(
      `${messageOf(error)}\nThe session through AWS had ended: ${endings.join(" ")}`,
      "A session ends after 20 minutes without traffic, unless Session Manager's preferences say otherwise.",
      EXIT.failed,
    );
  } finally {
    await Promise.all(forwardings.map((forwarding) => forwarding.close()));
    await stop(access, ecs, task);
  }
}

async function nameOthers(
  { deployment, say, signal }: Access,
  ecs: ECSClient,
  service: Service,
): Promise<void> {
  for (const { taskArn = "", startedBy, createdAt } of await otherTunnels(ecs, service, signal)) {
    say(
      `Another tunnel is open, since ${createdAt?.toISOString()}, by ${startedBy}. It ends by itself. If nobody uses it:\n` +
        `  ${stopCommand(taskArn, service.cluster, deployment.region)}`,
    );
  }
}

async function stop({ deployment, say }: Access, ecs: ECSClient, task: TunnelTask): Promise<void> {
  try {
    // The command may have been interrupted. This must happen all the same.
    await stopTask(ecs, task, AbortSignal.timeout(STOPPED_WITHIN_MS));
    say("The task is stopped: nothing of the tunnel is left.");
  } catch (error) {
    say(
      `The task could not be stopped: ${messageOf(error)}\n` +
        `It ends by itself at ${task.endsAt.toISOString()}. To stop it now:\n` +
        `  ${stopCommand(task.arn, task.cluster, deployment.region)}`,
    );
  }
}
