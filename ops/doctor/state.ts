import type { State } from "../../adopt/state";
import { Problem } from "../problem";
import { describePlace, ownerOf, readLock, readState, type StatePlace } from "../state-file";
import type { CheckResult } from "./check-result";

/**
 * Whether the state can be read, and belongs to the account at hand.
 *
 * @param account - Of the credentials, where they are known.
 */
export async function checkState(
  place: StatePlace,
  account: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly result: CheckResult; readonly state?: State | undefined; readonly isRead: boolean }> {
  const name = "state";
  const where = describePlace(place);
  let state: State | undefined;
  try {
    state = await readState(place, signal);
  } catch (error) {
    signal.throwIfAborted();
    const { message } = error as Error;
    const remedy = error instanceof Problem ? error.remedy : `Check ${where}, or bring back its last copy.`;
    return { result: { name, status: "problem", detail: message, remedy }, isRead: false };
  }
  if (!state || state.instances.length === 0) {
    const detail = `${where} holds nothing: nothing is deployed.`;
    return { result: { name, status: "ok", detail }, state, isRead: true };
  }
  const { account: owner } = ownerOf(state);
  if (owner !== undefined && account !== undefined && owner !== account) {
    const detail = `${where} is about account ${owner}, and the credentials are for ${account}. A plan would find nothing there and want to create everything again.`;
    const remedy = `Take credentials for ${owner}, or the state of ${account}.`;
    return { result: { name, status: "problem", detail, remedy }, state, isRead: false };
  }
  const detail = `${where} holds ${state.instances.length} resources, serial ${state.serial}.`;
  return { result: { name, status: "ok", detail }, state, isRead: true };
}

/** Whether somebody works on the state. */
export async function checkLock(place: StatePlace, signal: AbortSignal): Promise<CheckResult> {
  const name = "state lock";
  const lock = await readLock(place, signal);
  if (!lock) return { name, status: "ok", detail: "Nobody holds it." };
  const detail = `${lock.who} holds it since ${lock.created}, for ${lock.operation}.`;
  if (place.kind === "local") {
    return {
      name,
      status: "warning",
      detail: `${detail} Or Terraform was killed and left the note behind.`,
      remedy:
        "Wait while that Terraform runs. If none does, nothing needs to be done: the next command takes the lock.",
    };
  }
  return {
    name,
    status: "problem",
    detail,
    remedy: `Ask ${lock.who}, and wait while that Terraform runs: unlocking under it can spoil the state. Only if it was killed, in the stack directory: terraform force-unlock ${lock.id}`,
  };
}
