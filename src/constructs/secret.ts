import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Construct } from "constructs";

export interface SecretProps {
  readonly secretName: string;
  readonly description: string;
  /** `Name` tag. */
  readonly label: string;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly recoveryWindowInDays: number;
  /** What to store. May be ephemeral: it is written to AWS and to no plan or state. */
  readonly value: string;
  /** Terraform cannot see a write-only value change. It writes `value` anew when this number changes. */
  readonly valueVersion: number;
}

/** A secret in Secrets Manager whose value Terraform writes but never keeps. */
export class Secret extends Construct {
  public readonly arn: string;
  /** Id of the stored version: changes whenever the value is written anew. */
  public readonly versionId: string;
  /** The ARN, known only once the value is written. */
  public readonly writtenArn: string;

  constructor(scope: Construct, id: string, props: SecretProps) {
    super(scope, id);

    const secret = new SecretsmanagerSecret(this, id, {
      name: props.secretName,
      description: props.description,
      recoveryWindowInDays: props.recoveryWindowInDays,
      tags: { Name: props.label },
    });
    this.arn = secret.arn;

    // Not at the address of the older stack's version resource: the provider would replace that one to
    // take its value out of the state. docs/decisions/0005-secrets.md
    const version = new SecretsmanagerSecretVersion(this, `${id}_value`, {
      secretId: secret.id,
      secretStringWo: props.value,
      secretStringWoVersion: props.valueVersion,
    });
    this.versionId = version.versionId;
    this.writtenArn = version.arn;
  }
}
