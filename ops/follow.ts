import type { Deployment, Service, ServiceDeploymentStatus } from "@aws-sdk/client-ecs";
import type { BackendClients } from "./aws-client";
import { explainFailure, readEvidence } from "./failure";
import type { Globals } from "./globals";
import { isGoingBack, readHistory } from "./history";
import { ImageTags } from "./image-tags";
import { EXIT, Problem } from "./problem";
import { showStep } from "./progress";
import { restoreTags } from "./release";
import { type Outcome, watchRollout } from "./rollout";
import { type Backend, primaryDeployment, revisionName, type ServiceLocation } from "./service";
import { leaving, watch } from "./watch";

export interface FollowOptions {
  readonly clients: BackendClients;
  readonly backend: Backend;
  readonly deployment: Deployment;
  readonly globals: Globals;
  readonly timeoutMinutes: number;
  /**
   * Milliseconds between two looks.
   *
   * @default 5000
   */
  readonly intervalMs?: number | undefined;
}

/** A deployment that has ended. */
type Followed = Pick<FollowOptions, "clients" | "backend" | "deployment" | "globals">;

const GOES_ON = {
  state: "The rollout goes on in AWS.",
  remedy: "See how it ends: npm run ops -- deploy --watch\nUndo it: npm run ops -- rollback",
};

const GOING_BACK = {
  state: "It goes on in AWS.",
  remedy: "See how it ends: npm run ops -- deploy --watch",
};

/**
 * Follows a deployment to its end.
 *
 * @throws Problem when it fails, saying why and what runs now; when something else took its place; and when
 *   the time is over.
 */
export async function followRollout(options: FollowOptions): Promise<void> {
  const { clients, backend, deployment, globals, timeoutMinutes, intervalMs = 5_000 } = options;
  const { signal } = globals;
  await leaving(GOES_ON, signal, async () => {
    const title = `Rolling out ${revisionName(deployment.taskDefinition)}`;
    await showStep(title, globals, async (report) => {
      const outcome = await watchRollout({
        ...clients,
        location: backend,
        deployment,
        explain: async (state) => (await explain(options, state, "a task stopped")).reason,
        intervalMs,
        timeoutMs: timeoutMinutes * 60_000,
        signal,
        report,
      });
      if (!outcome) throw timedOut(timeoutMinutes);
      if (outcome.result === "superseded") throw superseded(outcome);
      if (outcome.result === "failed") throw await rolloutFailed(options, outcome);
    });
  });
}

/**
 * Waits while ECS is on its way back from a deployment that failed. How that ended is in the history then.
 *
 * @throws Problem when the time is over.
 */
export async function followGoingBack({
  clients: { ecs },
  location,
  globals,
  timeoutMinutes,
  intervalMs = 5_000,
}: Omit<FollowOptions, "backend" | "deployment"> & { readonly location: ServiceLocation }): Promise<void> {
  const { signal } = globals;
  const settled = async () => {
    const { newest } = await readHistory(ecs, location, undefined, signal);
    return newest && isGoingBack(newest) ? undefined : true;
  };
  if (await settled()) return;
  await leaving(GOING_BACK, signal, () =>
    showStep("ECS goes back to what ran before", globals, async (report) => {
      const timeoutMs = timeoutMinutes * 60_000;
      if (await watch(settled, { intervalMs, timeoutMs, signal, report })) return;
      throw new Problem(
        `ECS has not gone back after ${timeoutMinutes} minutes. ${GOING_BACK.state}`,
        GOING_BACK.remedy,
        EXIT.failed,
      );
    }),
  );
}

/**
 * Why a rollout failed, and what runs now. Tags are put right: see `restoreTags`.
 *
 * @param endedAt - When it did, where that is not just now.
 */
export async function rolloutFailed(
  options: Followed,
  { state, reason: saidByEcs }: Pick<Outcome, "state" | "reason">,
  endedAt?: Date,
): Promise<Problem> {
  const { reason, remedy, logLines } = await explain(options, state, saidByEcs).catch((error: Error) => ({
    // Who may deploy may perhaps not read logs. That the deployment failed has to be told all the same.
    reason: `${saidByEcs} Why cannot be read: ${error.message}`,
    remedy: "Whoever may read tasks and logs sees why: npm run ops -- deploy --watch",
    logLines: [],
  }));
  const log = logLines.length > 0 ? `\n\nIts last lines:\n${indented(logLines)}` : "";
  const now = await afterwards(options, state);
  const when = endedAt ? ` at ${endedAt.toISOString()}` : "";
  return new Problem(`The deployment failed${when}. ${reason}${log}\n\n${now}`, remedy, EXIT.failed);
}

async function explain(
  { clients, backend, deployment, globals: { signal } }: Followed,
  state: Service,
  fallback: string,
) {
  const evidence = await readEvidence(clients, backend, deployment, state, signal);
  return { ...explainFailure(evidence, backend, fallback), logLines: evidence.logLines };
}

async function afterwards(
  { clients, backend, deployment, globals: { signal } }: Followed,
  state: Service,
): Promise<string> {
  const primary = primaryDeployment(state);
  if (!primary || primary.id === deployment.id) {
    return "There is nothing that ECS could go back to: no deployment has ever succeeded, or its rollback is off.";
  }
  const { newest, releases } = await readHistory(clients.ecs, backend, backend.container.name, signal);
  const tags = new ImageTags(clients.ecr, backend.repository, signal);
  const moved = await restoreTags(tags, releases[0], deployment.createdAt);
  const before = `${revisionName(primary.taskDefinition)}: ${state.runningCount ?? 0} tasks run.`;
  return [
    `${goesBack(newest?.status)} to what ran before, ${before}`,
    ...(moved ? [`The tag ${moved} names the image that runs again.`] : []),
  ].join("\n");
}

function goesBack(status: ServiceDeploymentStatus | undefined): string {
  if (status === "ROLLBACK_FAILED") return "ECS could not go back";
  return status === "ROLLBACK_SUCCESSFUL" ? "ECS has gone back" : "ECS goes back";
}

function superseded({ state }: Outcome): Problem {
  const { taskDefinition } = primaryDeployment(state) ?? {};
  return new Problem(
    `Another deployment took the place of this one: ${revisionName(taskDefinition)}.`,
    "See how that ends: npm run ops -- deploy --watch",
    EXIT.failed,
  );
}

function timedOut(minutes: number): Problem {
  return new Problem(
    `The rollout has not ended after ${minutes} minutes. It goes on in AWS.`,
    `${GOES_ON.remedy}\nWait longer the next time: --timeout ${minutes * 2}`,
    EXIT.failed,
  );
}

/** Lines of a log, set off from the text. */
export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
