import { DataResource, Fn, Op, type Precondition, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { expression } from "../lib/expression";
import type { VersionedInput } from "../lib/versioned-input";
import type { Database } from "./database";
import { Secret } from "./secret";

export interface ApplicationSecretsProps {
  readonly appName: string;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly recoveryWindowInDays: number;
  readonly database: Database;
  readonly databasePassword: VersionedInput;
  readonly apiKey: VersionedInput;
}

/**
 * The three secrets of the application, and a guard that no change of an input is ever ignored.
 *
 * Terraform cannot compare a write-only value with the one it wrote. So each plan reads the stored
 * value back, compares it with the input, keeps neither, and stops when they differ without a new
 * version number. While a new version waits to be written its ARN is unknown, and so the reading is
 * put off until it is there.
 */
export class ApplicationSecrets extends Construct {
  public readonly apiKey: Secret;
  public readonly databaseCredentials: Secret;
  public readonly databaseUrl: Secret;

  constructor(scope: Construct, id: string, props: ApplicationSecretsProps) {
    super(scope, id);
    const { appName, recoveryWindowInDays, database, databasePassword, apiKey } = props;

    this.apiKey = new Secret(this, "api_key", {
      secretName: `${appName}-api-key`,
      description: "API key that clients of the application must send",
      label: `${appName} API Key`,
      recoveryWindowInDays,
      value: apiKey.value,
      valueVersion: apiKey.version,
    });

    this.databaseCredentials = new Secret(this, "db_credentials", {
      secretName: `${appName}-db-credentials`,
      description: "User name and password of the database",
      label: `${appName} Database Credentials`,
      recoveryWindowInDays,
      value: Fn.jsonencode({ username: database.username, password: databasePassword.value }),
      valueVersion: this.versionOf(database.username, databasePassword.version),
    });

    this.databaseUrl = new Secret(this, "database_url", {
      secretName: `${appName}-database-url`,
      description: "Connection URL of the database, for SQLAlchemy with asyncpg",
      label: `${appName} Database URL`,
      recoveryWindowInDays,
      value: Fn.format("postgresql+asyncpg://%s:%s@%s:%d/%s", [
        percentEncode(database.username),
        percentEncode(databasePassword.value),
        database.address,
        database.port,
        database.databaseName,
      ]),
      valueVersion: this.versionOf(
        database.username,
        database.address,
        database.port,
        database.databaseName,
        databasePassword.version,
      ),
    });

    new DataResource(this, "secrets_in_step", {
      lifecycle: {
        // Not as a postcondition of the readings themselves: `terraform show -json` of a plan crashes on one.
        precondition: [
          this.inStep(apiKey, this.read("stored_api_key", this.apiKey)),
          this.inStep(
            databasePassword,
            `jsondecode(${this.read("stored_db_credentials", this.databaseCredentials)}).password`,
          ),
        ],
      },
    });
  }

  /** A number that changes with any of the values: none of them may be secret. */
  private versionOf(...values: (string | number)[]): number {
    const joined = Fn.jsonencode(values);
    return Token.asNumber(expression(this, `parseint(substr(sha256(${joined}), 0, 8), 16)`));
  }

  /** Reads a stored value for this run alone. Returns the expression for it. */
  private read(id: string, secret: Secret): string {
    const type = "aws_secretsmanager_secret_version";
    TerraformStack.of(this).addOverride(`ephemeral.${type}.${id}`, { secret_id: secret.writtenArn });
    return `ephemeral.${type}.${id}.secret_string`;
  }

  private inStep(input: VersionedInput, stored: string): Precondition {
    const { name, value, version } = input;
    return {
      condition: expression(this, `${stored} == ${value}`),
      errorMessage: `${name} is not the value that Secrets Manager holds, and ${name}_version says that it did not change. Set ${name}_version = ${Op.add(version, 1)} to write the new value and roll the tasks onto it, or set ${name} back.`,
    };
  }
}

/** Percent-encodes one part of a URL. Terraform's `urlencode` is for forms, where a space becomes "+". */
function percentEncode(part: string): string {
  return Fn.replace(Fn.urlencode(part), "+", "%20");
}
