import { resolve } from "node:path";
import { projectRoot } from "../../local/workspace";
import { type DeploymentOptions, stackTerraform } from "../deployment";
import { plannedCreations } from "../existing/planned";
import { Problem } from "../problem";
import { describePlace, type StatePlace, statePlace } from "../state-file";
import { StackValues } from "../values";
import { askAws, type Subject } from "./asking-aws";
import { checkCertificates } from "./certificate";
import type { CheckResult } from "./check-result";
import { checkCredentials } from "./credentials";
import { checkDatabaseOffer } from "./database-offer";
import { checkImage } from "./image";
import { checkQuotas } from "./quotas";
import { checkRegion } from "./region";
import { checkServiceLinkedRoles } from "./service-linked-roles";
import { checkLock, checkState } from "./state";
import { checkEngine, checkNode, checkOptionalTools, checkTerraformVersion } from "./tools";
import { checkUnmanaged } from "./unmanaged";
import { checkValues } from "./values";

/** What the account and its region are asked. */
const ACCOUNT_CHECKS: readonly ((subject: Subject) => Promise<readonly CheckResult[]>)[] = [
  checkRegion,
  checkQuotas,
  checkCertificates,
  checkDatabaseOffer,
  checkImage,
  checkServiceLinkedRoles,
];

/** Looks at everything that a deployment depends on, and yields what it finds. Nothing in AWS changes. */
export async function* examine(options: DeploymentOptions): AsyncGenerator<CheckResult> {
  const { signal } = options;
  const stackDirectory = resolve(projectRoot, options.directory);

  yield await checkNode();
  const terraform = await checkTerraformVersion(signal);
  yield terraform;
  yield await checkEngine(signal);
  yield* await checkOptionalTools(signal);

  const { place, result: stack } = await checkStack(stackDirectory);
  yield stack;
  if (terraform.status !== "ok") {
    yield skipped("values, account, state", "Terraform has to read the values first.");
    return;
  }
  const stackValues = new StackValues(stackDirectory);
  const { results, values } = await checkValues(stackValues, signal);
  yield* results;
  if (!values) {
    yield skipped("account, state", "The values have to be right first.");
    return;
  }

  const { result: credentials, account } = await checkCredentials(values.aws_region, signal);
  yield credentials;
  if (!place) {
    yield skipped("state", "There is no stack.");
  } else if (!account && place.kind === "s3") {
    yield skipped("state", `${describePlace(place)} cannot be read without credentials.`);
  }
  const canReadState = place !== undefined && (account !== undefined || place.kind === "local");
  const { result, state, isRead } = canReadState
    ? await checkState(place, account, signal)
    : { result: undefined, state: undefined, isRead: false };
  if (result) yield result;
  if (place && isRead) yield* await askAws("state lock", { signal }, () => checkLock(place, signal));
  if (!account) {
    yield skipped("account", "AWS answers nobody without credentials.");
    return;
  }

  const subject = { values, state, signal };
  const answers = ACCOUNT_CHECKS.map((check) => check(subject));
  // They are awaited one after the other: a failed one must wait for its turn.
  for (const answer of answers) answer.catch(() => undefined);
  for (const answer of answers) yield* await answer;

  if (!isRead) {
    yield skipped("not in the state", "The state has to be read first.");
  } else if (results.some(({ status }) => status === "problem")) {
    yield skipped("not in the state", "The values have to be right first.");
  } else {
    yield* await checkUnmanaged(
      async () => plannedCreations(await stackTerraform(options), stackValues.files),
      subject,
    );
  }
}

/** Whether the stack is synthesized, and for the state that the environment names. */
async function checkStack(
  stackDirectory: string,
): Promise<{ readonly result: CheckResult; readonly place?: StatePlace }> {
  const name = "stack";
  try {
    const place = await statePlace(stackDirectory);
    const bucket = process.env.STATE_BUCKET;
    if (bucket && (place.kind === "local" || place.bucket !== bucket)) {
      return {
        place,
        result: {
          name,
          status: "problem",
          detail: `STATE_BUCKET is ${bucket}, but the stack was synthesized for the state in ${describePlace(place)}.`,
          remedy: "Synthesize it again: npm run synth",
        },
      };
    }
    const detail = `It is synthesized, for the state in ${describePlace(place)}.`;
    return { place, result: { name, status: "ok", detail } };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { result: { name, status: "problem", detail: error.message, remedy: error.remedy } };
  }
}

function skipped(name: string, why: string): CheckResult {
  return { name, status: "skipped", detail: why };
}
