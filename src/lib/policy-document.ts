import { Fn } from "cdktf";

/** One statement of an IAM policy, with IAM's own element names. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect?: "Allow" | "Deny";
  readonly Principal?: Readonly<Record<string, string | string[]>> | "*";
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * An IAM policy document as a Terraform `jsonencode` expression, so that the plan shows the policy
 * itself. (A policy document data source shows "known after apply" whenever an ARN in it is new.)
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function policyDocument(...statements: PolicyStatement[]): string {
  return Fn.jsonencode({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });
}

/** The statement of a bucket's policy that refuses everybody who comes without TLS. */
export function onlyTls(bucketArn: string): PolicyStatement {
  return {
    Sid: "OnlyTls",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/** Who may assume a role: one AWS service, and only on behalf of this account. */
export interface ServiceTrust {
  /** Service principal, for example `ecs-tasks.amazonaws.com`. */
  readonly service: string;
  /** Account in whose name the service must act: without it, another account's resources could use the role. */
  readonly accountId: string;
}

/**
 * Trust policy for an AWS service, guarded against the confused deputy.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export function serviceTrustPolicy({ service, accountId }: ServiceTrust): string {
  return policyDocument({
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  });
}
