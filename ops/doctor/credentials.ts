import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { awsClient } from "../aws-client";
import { RENEW } from "./asking-aws";
import type { CheckResult } from "./check-result";

const name = "credentials";

/** Whose credentials these are, and in which account they work. */
export async function checkCredentials(
  region: string,
  signal: AbortSignal,
): Promise<{ readonly result: CheckResult; readonly account?: string }> {
  const sts = awsClient(STSClient, region);
  try {
    const { Account = "", Arn = "" } = await sts.send(new GetCallerIdentityCommand({}), {
      abortSignal: signal,
    });
    return { result: { name, status: "ok", detail: `${Arn}, account ${Account}.` }, account: Account };
  } catch (error) {
    signal.throwIfAborted();
    return { result: { name, status: "problem", ...explain(error as Error, region) } };
  } finally {
    sts.destroy();
  }
}

function explain(
  { name: code, message }: Error,
  region: string,
): Required<Pick<CheckResult, "detail" | "remedy">> {
  if (/expired/i.test(code) || /expired|sso login/i.test(message)) {
    return { detail: "They have expired.", remedy: RENEW };
  }
  if (code === "CredentialsProviderError") {
    return {
      detail: "None were found.",
      remedy: "Set AWS_PROFILE to a profile of yours, or make one: aws configure sso",
    };
  }
  if (/^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)$/.test(code)) {
    return {
      detail: `AWS does not accept them in ${region}: ${message}`,
      remedy: `Check the keys (aws sts get-caller-identity), and that the account has ${region} enabled: aws account get-region-opt-status --region-name ${region}`,
    };
  }
  return {
    detail: `AWS could not be asked who they belong to: ${code}: ${message}`,
    remedy: "Check the connection to AWS, and the proxy if you use one.",
  };
}
