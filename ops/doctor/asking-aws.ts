import type { State } from "../../adopt/state";
import { Problem } from "../problem";
import type { EffectiveValues } from "../values";
import type { CheckResult } from "./check-result";

/** What the checks of an account are given. */
export interface Subject {
  readonly values: EffectiveValues;
  /** What Terraform manages, or undefined when nothing is deployed. */
  readonly state: State | undefined;
  readonly signal: AbortSignal;
}

const EXPIRED = /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/;
const DENIED = /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationErrorException)$/;

/** Runs a check, and turns an answer that AWS refuses into a result: one check never stops the others. */
export async function askAws(
  name: string,
  { signal }: Pick<Subject, "signal">,
  ask: () => Promise<CheckResult | readonly CheckResult[]>,
): Promise<readonly CheckResult[]> {
  try {
    return [await ask()].flat();
  } catch (error) {
    signal.throwIfAborted();
    return [refusal(name, error as Error)];
  }
}

function refusal(name: string, error: Error): CheckResult {
  const { name: code, message } = error;
  if (error instanceof Problem) return { name, status: "problem", detail: message, remedy: error.remedy };
  if (EXPIRED.test(code)) {
    return { name, status: "problem", detail: "The credentials expired in between.", remedy: RENEW };
  }
  if (DENIED.test(code)) {
    return {
      name,
      status: "skipped",
      detail: `These credentials may not ask: ${message}`,
      remedy: "Ask for that permission, or run doctor with the credentials that deploy.",
    };
  }
  const [reason = ""] = message.split("\n");
  return { name, status: "warning", detail: `AWS gave no answer: ${code}: ${reason}` };
}

/** How to get fresh credentials. */
export const RENEW =
  "Renew them: aws sso login (IAM Identity Center, with your profile in AWS_PROFILE), or fetch new temporary keys as you got these.";
