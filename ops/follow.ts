import type { Deployment, Service } from "@aws-sdk/client-ecs";
import type { BackendClients } from "./aws-client";
import { explainFailure, readEvidence } from "./failure";
import type { Globals } from "./globals";
import { readHistory } from "./history";
import { ImageTags } from "./image-tags";
import { EXIT, Problem } from "./problem";
import { showStep } from "./progress";
import { restoreTags } from "./release";
import { type Outcome, watchRollout } from "./rollout";
import { type Backend, primaryDeployment, revisionName } from "./service";
import { leaving } from "./watch";

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

/** Why a rollout failed, and what runs now. Tags are put right: see `restoreTags`. */
export async function rolloutFailed(
  options: Followed,
  { state, reason: saidByEcs }: Pick<Outcome, "state" | "reason">,
): Promise<Problem> {
  const { reason, remedy, logLines } = await explain(options, state, saidByEcs).catch((error: Error) => ({
    // Who may deploy may perhaps not read logs. That the deployment failed has to be told all the same.
    reason: `${saidByEcs} Why cannot be read: ${error.message}`,
    remedy: "Whoever may read tasks and logs sees why: npm run ops -- deploy --watch",
    logLines: [],
  }));
  const log = logLines.length > 0 ? `\n\nIts last lines:\n${indented(logLines)}` : "";
  const now = await afterwards(options, state);
  return new Problem(`The deployment failed. ${reason}${log}\n\n${now}`, remedy, EXIT.failed);
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
  const { releases } = await readHistory(clients.ecs, backend, backend.container.name, signal);
  const tags = new ImageTags(clients.ecr, backend.repository, signal);
  const moved = await restoreTags(tags, releases[0]);
  return [
    `ECS goes back to what ran before, ${revisionName(primary.taskDefinition)}: ${state.runningCount ?? 0} tasks run.`,
    ...(moved ? [`The tag ${moved} names the image that runs again.`] : []),
  ].join("\n");
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
