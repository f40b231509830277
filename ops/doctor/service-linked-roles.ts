import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { awsClient } from "../aws-client";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";

/**
 * Roles that AWS's services act with in the account, by the service.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
 */
const ROLES = {
  "ecs.amazonaws.com": "AWSServiceRoleForECS",
  "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
  "rds.amazonaws.com": "AWSServiceRoleForRDS",
  "ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService",
} as const;

/** Whether the services have their roles. AWS makes a missing one at first use, if whoever deploys may. */
export async function checkServiceLinkedRoles(subject: Subject): Promise<readonly CheckResult[]> {
  const name = "service-linked roles";
  const iam = awsClient(IAMClient, subject.values.aws_region);
  return askAws(name, subject, async () => {
    const missing: string[] = [];
    for (const [service, RoleName] of Object.entries(ROLES)) {
      try {
        await iam.send(new GetRoleCommand({ RoleName }), { abortSignal: subject.signal });
      } catch (error) {
        if (!/^NoSuchEntity/.test((error as Error).name)) throw error;
        missing.push(service);
      }
    }
    if (missing.length === 0) return { name, status: "ok", detail: "All four are there." };
    return {
      name,
      status: "warning",
      detail: `Not there yet: those of ${missing.join(", ")}. AWS makes them at first use, if the credentials that deploy may iam:CreateServiceLinkedRole. A first deployment can still fail because a new one is not known everywhere at once: then apply again.`,
      remedy: `Make them beforehand:\n${missing.map((service) => `aws iam create-service-linked-role --aws-service-name ${service}`).join("\n")}`,
    };
  });
}
