import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Fn, TerraformOutput, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { defineBackend } from "../src/backend";
import { countIf, expression, optionalAttribute } from "../src/lib/expression";
import { onlyTls, policyDocument, type PolicyStatement } from "../src/lib/policy-document";
import {
  deployPolicies,
  documentOf,
  type Names,
  planPolicies,
  type Policies,
  type StackJson,
} from "./policies";
import { bootstrapVariables } from "./variables";

/** Who signs the tokens of GitHub Actions. */
const ISSUER = "token.actions.githubusercontent.com";

/** Days that an overwritten or deleted state can be brought back. */
const OLD_STATES_DAYS = 90;

export interface BootstrapStackProps {
  /** The stack that the roles plan and deploy. */
  readonly deployment: StackJson;
}

/**
 * What a deployment by a team needs before it: a bucket for the state and, for GitHub Actions, a role that
 * plans and one that deploys.
 */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, { deployment }: BootstrapStackProps) {
    super(scope, id);
    this.addOverride("terraform.required_version", ">= 1.11");
    defineBackend(this, { kind: "local" });

    const variables = bootstrapVariables(this);
    const { region, appName, stateKey } = variables;
    new AwsProvider(this, "aws", {
      region,
      defaultTags: [{ tags: { Project: `${appName}-bootstrap`, ManagedBy: "cdktf" } }],
    });
    const { partition } = new DataAwsPartition(this, "partition");
    const { accountId } = new DataAwsCallerIdentity(this, "account");

    const bucketName = Token.asString(
      expression(
        this,
        `coalesce(${variables.stateBucketName.fqn}, format("terraform-state-%s-%s", ${accountId}, ${region}))`,
      ),
    );
    const bucketArn = this.stateBucket(bucketName);

    const count = countIf(this, expression(this, `${variables.githubRepository.fqn} != null`));
    const provider = new IamOpenidConnectProvider(this, "github", {
      count: countIf(
        this,
        expression(this, `${variables.githubRepository.fqn} != null && ${variables.createOidcProvider.fqn}`),
      ),
      url: `https://${ISSUER}`,
      clientIdList: ["sts.amazonaws.com"],
      // AWS checks GitHub's certificates itself and needs no thumbprint.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
    });
    const role = (id: string, description: string, name: string, subjects: string[]): IamRole =>
      new IamRole(this, id, {
        count,
        name,
        description,
        assumeRolePolicy: policyDocument({
          Principal: { Federated: `arn:${partition}:iam::${accountId}:oidc-provider/${ISSUER}` },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              [`${ISSUER}:aud`]: "sts.amazonaws.com",
              [`${ISSUER}:sub`]: subjects.map(
                (subject) => `repo:${variables.githubRepository.stringValue}:${subject}`,
              ),
            },
          },
        }),
        dependsOn: [provider],
      });

    // Named so that neither is among what the deploy role may change.
    const planRole = role("plan", "Plans, and changes nothing", `terraform-plan-${appName}`, [
      "pull_request",
      `ref:refs/heads/${variables.githubBranch}`,
    ]);
    const deployRole = role("deploy", "Deploys", `terraform-deploy-${appName}`, [
      `environment:${variables.githubEnvironment}`,
    ]);
    // An apply that outlives its credentials cannot write the state. The workflow asks for as much.
    deployRole.maxSessionDuration = 2 * 60 * 60;

    const names: Names = {
      partition,
      region,
      accountId,
      appName,
      frontendBucket: Token.asString(
        expression(this, `coalesce(${variables.frontendBucketName.fqn}, format("%s-*", ${appName}))`),
      ),
    };
    this.attach(planRole, planPolicies(deployment, names), appName);
    this.attach(deployRole, deployPolicies(deployment, names), appName);

    const state = `${bucketArn}/${stateKey}`;
    const lock: PolicyStatement = {
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: `${state}.tflock`,
    };
    const list: PolicyStatement = { Action: "s3:ListBucket", Resource: bucketArn };
    new IamRolePolicy(this, "plan_state", {
      count,
      name: "state",
      role: optionalAttribute(planRole, "name"),
      policy: policyDocument(list, { Action: "s3:GetObject", Resource: state }, lock),
    });
    new IamRolePolicy(this, "deploy_state", {
      count,
      name: "state",
      role: optionalAttribute(deployRole, "name"),
      policy: policyDocument(list, { Action: ["s3:GetObject", "s3:PutObject"], Resource: state }, lock),
    });

    const outputs = {
      state_bucket: ["Name of the state bucket, for STATE_BUCKET.", bucketName],
      state_key: ["Key of the state in the bucket, for STATE_KEY.", stateKey],
      state_region: ["Region of the state bucket, for STATE_REGION.", region],
      plan_role_arn: ["Role that plans, null without GitHub.", optionalAttribute(planRole, "arn")],
      deploy_role_arn: ["Role that deploys, null without GitHub.", optionalAttribute(deployRole, "arn")],
    } as const;
    const scopeOfOutputs = new Construct(this, "outputs");
    for (const [name, [description, value]] of Object.entries(outputs)) {
      new TerraformOutput(scopeOfOutputs, name, { description, value }).overrideLogicalId(name);
    }
  }

  /** A private, encrypted, versioned bucket that Terraform refuses to delete. Returns its ARN. */
  private stateBucket(bucketName: string): string {
    const { bucket, arn } = new S3Bucket(this, "state", {
      bucket: bucketName,
      lifecycle: { preventDestroy: true },
    });
    const versioning = new S3BucketVersioningA(this, "state_versioning", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "state_encryption", {
      bucket,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    new S3BucketLifecycleConfiguration(this, "state_old_versions", {
      bucket,
      rule: [
        {
          id: "expire-old-versions",
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrentVersionExpiration: [{ noncurrentDays: OLD_STATES_DAYS }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      dependsOn: [versioning],
    });
    // One after the other: two changes to one bucket's access at the same time are a conflict to S3.
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, "state_private", {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const policy = new S3BucketPolicy(this, "state_policy", {
      bucket,
      policy: policyDocument(onlyTls(arn)),
      dependsOn: [publicAccessBlock],
    });
    new S3BucketOwnershipControls(this, "state_ownership", {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
      dependsOn: [policy],
    });
    return arn;
  }

  /** Makes managed policies and attaches them to a role. Both exist where the role does. */
  private attach(role: IamRole, policies: Policies, appName: string): void {
    for (const [name, statements] of Object.entries(policies)) {
      const id = `${role.node.id}_${name}`;
      const { count } = role;
      const policy = new IamPolicy(this, id, {
        count,
        name: `terraform-${role.node.id}-${appName}-${name}`,
        policy: Fn.jsonencode(documentOf(statements)),
      });
      new IamRolePolicyAttachment(this, `${id}_attached`, {
        count,
        role: optionalAttribute(role, "name"),
        policyArn: optionalAttribute(policy, "arn"),
      });
    }
  }
}
