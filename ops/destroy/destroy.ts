import { resolve } from "node:path";
import type { State } from "../../adopt/state";
import { Interruption } from "../../local/interruption";
import { withProgress } from "../../local/progress";
import { projectRoot } from "../../local/workspace";
import { messageOf } from "../db/aws-calls";
import { type DeploymentOptions, stackTerraform } from "../deployment";
import { checkCredentials } from "../doctor/credentials";
import { plannedCreations } from "../existing/planned";
import { EXIT, Problem } from "../problem";
import { stepFor } from "../quiet-step";
import { describePlace, ownerOf, readLock, readState, type StatePlace, statePlace } from "../state-file";
import { type EffectiveValues, StackValues } from "../values";
import { countContents } from "./contents";
import { endingsOf, outOfStep, valuesOf } from "./endings";
import { containersIn, type Inventory, takeInventory } from "./inventory";
import { release } from "./release";
import { type Remains, remainsOf } from "./remains";
import { describeStaying } from "./report";
import { runningIn } from "./running";

/** How long the state is waited for after a failure. The connection may be what failed. */
const PATIENCE_MS = 30_000;

export interface DestroyOptions extends DeploymentOptions {
  readonly json: boolean;
  /** Whether protections may be taken off. */
  readonly removeProtection: boolean;
  /** Whether the database goes without a last snapshot. */
  readonly skipFinalSnapshot: boolean;
  /** Shows what will happen, and returns when somebody has confirmed it. */
  readonly confirm: (target: Target, inventory: Inventory) => Promise<void>;
}

/** What is to be destroyed. */
export interface Target {
  readonly appName: string;
  readonly account: string;
  readonly region: string;
}

export interface Destroyed {
  readonly target: Target;
  /** What was there, or undefined when the state was empty already. */
  readonly inventory: Inventory | undefined;
  readonly remains: Remains;
}

/**
 * Destroys a deployment, and asks AWS what is left of it.
 *
 * @throws Problem when something is in the way. Nothing has changed then, unless the message says so.
 */
export async function destroy(options: DestroyOptions): Promise<Destroyed> {
  const { signal } = options;
  const stackDirectory = resolve(projectRoot, options.directory);
  const place = await statePlace(stackDirectory);
  const stackValues = new StackValues(stackDirectory);
  const values = await stackValues.effective(signal);
  const target = await targetOf(values, signal);
  const state = await readState(place, signal);
  await assertFree(place, signal);

  const terraform = await stackTerraform(options);
  const step = stepFor(options);
  const varFiles = stackValues.files;
  let inventory: Inventory | undefined;
  if (state && state.instances.length > 0) {
    assertSame(state, target, place);
    const contents = await countContents(containersIn(state), { region: target.region, signal });
    const endings = endingsOf(state, values, options);
    inventory = takeInventory(state, contents, { ...endings, today: new Date() });
    const { protections } = inventory;
    assertMayRemove(inventory, options, values);
    await assertNothingRuns(target, signal);
    await options.confirm(target, inventory);

    const variables = {
      ...Object.fromEntries(protections.map(({ variable, value }) => [variable, value])),
      ...valuesOf(endings, values),
    };
    const held = [...protections.map(({ address }) => address), ...outOfStep(state, endings)];
    try {
      if (held.length > 0) {
        await step("Prepare it for being destroyed", (report) =>
          withProgress(report, (onProgress) => release(terraform, held, { varFiles, variables, onProgress })),
        );
      }
      await step(`Destroy ${target.appName}`, (report) =>
        withProgress(report, (onProgress) => terraform.destroy({ varFiles, variables, onProgress })),
      );
    } catch (error) {
      throw await withWhatIsLeft(error, place, state.instances.length);
    }
  }
  try {
    const remains = await step("Ask AWS what is left", async () =>
      remainsOf(await plannedCreations(terraform, varFiles), { ...target, signal }),
    );
    return { target, inventory, remains: withAnnounced(remains, inventory) };
  } catch (error) {
    throw inventory ? withWhatIsDone(error, target, inventory) : error;
  }
}

/** What was said of a survivor before holds more than AWS tells afterwards: until when it stays. */
function withAnnounced({ leftovers, survivors }: Remains, inventory: Inventory | undefined): Remains {
  const announced = (what: string) => inventory?.stays.find((each) => each.what === what);
  return { leftovers, survivors: survivors.map((each) => announced(each.what) ?? each) };
}

async function targetOf(values: EffectiveValues, signal: AbortSignal): Promise<Target> {
  const { aws_region: region, app_name: appName } = values;
  const { account, result } = await checkCredentials(region, signal);
  if (account === undefined) {
    throw new Problem(`No use of these credentials. ${result.detail}`, result.remedy ?? "Take others.");
  }
  return { appName, account, region };
}

/** Two of them would spoil the state. */
async function assertFree(place: StatePlace, signal: AbortSignal): Promise<void> {
  const lock = place.kind === "s3" ? await readLock(place, signal) : undefined;
  if (!lock) return;
  throw new Problem(
    `${lock.who} works on the state since ${lock.created} (${lock.operation}). Nothing was done.`,
    `Ask ${lock.who}, and wait. If that Terraform was killed: npm run ops -- doctor says how to unlock.`,
  );
}

/**
 * With other credentials, or another region or name in terraform.tfvars, Terraform would find nothing there,
 * forget all that the state knows, and leave it running.
 */
function assertSame(state: State, target: Target, place: StatePlace): void {
  const { account, region } = ownerOf(state);
  const appName = state.instances
    .map(({ attributes }) => (attributes.tags_all as Record<string, string> | null | undefined)?.Project)
    .find((project) => project !== undefined);
  const differences = [
    ["account", account, target.account],
    ["aws_region", region, target.region],
    ["app_name", appName, target.appName],
  ].filter(([, inState, here]) => inState !== undefined && inState !== here);
  if (differences.length === 0) return;
  throw new Problem(
    `${describePlace(place)} is about another deployment than the credentials and terraform.tfvars:\n${differences
      .map(([what, inState, here]) => `  ${what}: ${inState} in the state, ${here} here`)
      .join("\n")}\nNothing was done.`,
    "Take the credentials, the values and the state of one deployment.",
  );
}

/** It would hold network, parameters or cluster, and Terraform would wait for them and give up half-way. */
async function assertNothingRuns(target: Target, signal: AbortSignal): Promise<void> {
  const running = await runningIn(target, signal);
  if (running.length === 0) return;
  throw new Problem(
    `What ops has started runs still, and nothing around it can be destroyed meanwhile:\n${running
      .map(({ what }) => `  ${what}`)
      .join("\n")}\nNothing was done.`,
    `Wait until it ends, or end it:\n${running.map(({ end }) => end).join("\n")}`,
  );
}

function assertMayRemove(
  { protections }: Inventory,
  { removeProtection, skipFinalSnapshot }: DestroyOptions,
  values: EffectiveValues,
): void {
  if (removeProtection) return;
  if (protections.length > 0) {
    throw new Problem(
      `${protections.map(({ what }) => what).join("\n")}\nNothing was done.`,
      "To take these protections off and destroy it all the same, add: --remove-protection",
    );
  }
  if (skipFinalSnapshot && !values.db_skip_final_snapshot) {
    throw new Problem(
      "The last snapshot of the database is a protection too. Nothing was done.",
      "To go without it, add: --remove-protection",
    );
  }
}

/** The same error, with what the state holds now: after a failure, and after Ctrl-C as well. */
async function withWhatIsLeft(error: unknown, place: StatePlace, before: number): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  const left = await readState(place, AbortSignal.timeout(PATIENCE_MS)).then(
    (state) => describeLeft(state?.instances ?? [], before),
    (reason: unknown) => `What is left cannot be told: ${messageOf(reason)}`,
  );
  error.message = [
    error.message,
    left,
    "To go on, run the command again. To bring everything back instead: npx cdktf deploy",
  ].join("\n");
  return error;
}

function describeLeft(left: State["instances"], before: number): string {
  const database = left.some(({ resource }) => resource === "aws_db_instance.postgres");
  return `${before - left.length} of ${before} resources are destroyed. ${
    database ? "The database is still there." : "The database is gone."
  }`;
}

/** An error after everything is destroyed must not hide that it is. */
function withWhatIsDone(error: unknown, { appName }: Target, { stays }: Inventory): Error {
  const remedy = "Run the command again to ask.";
  const message = [
    `${appName} is destroyed. Whether something is left could not be asked: ${messageOf(error)}`,
    ...describeStaying(stays),
  ].join("\n");
  if (!(error instanceof Interruption)) return new Problem(message, remedy, EXIT.failed);
  error.message = `${message}\n${remedy}`;
  return error;
}
