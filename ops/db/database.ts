import { DescribeDBInstancesCommand, RDSClient, type DBInstance } from "@aws-sdk/client-rds";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { awsClient } from "../aws-client";
import { Problem } from "../problem";
import type { Access } from "./access";
import { call, isAwsError } from "./aws-calls";

/** The deployed database, as RDS describes it. */
export interface Database {
  readonly identifier: string;
  /** DNS name, which only the VPC can reach. */
  readonly host: string;
  readonly port: number;
  /** Name of the database in the server. */
  readonly name: string;
  readonly username: string;
  /** For example `15.14`. */
  readonly engineVersion: string;
  readonly instance: DBInstance;
}

/**
 * Asks RDS for the deployed database.
 *
 * @throws Problem when it is gone, or is only being made.
 */
export async function findDatabase({ deployment, signal }: Access): Promise<Database> {
  const [host = ""] = deployment.text("database_endpoint").split(":");
  // RDS makes the name of an endpoint from the identifier of its instance.
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ConnectToPostgreSQLInstance.html
  const [identifier = ""] = host.split(".");
  const instance = await describeInstance(awsClient(RDSClient, deployment.region), identifier, signal);
  if (!instance) {
    throw new Problem(
      `RDS has no database ${identifier} in ${deployment.region}, although the state has it.`,
      "Ask Terraform what is missing: terraform plan",
    );
  }
  return databaseOf(instance);
}

/** An instance as a database. The instance must have an endpoint. */
export function databaseOf(instance: DBInstance): Database {
  const { DBInstanceIdentifier: identifier, Endpoint: endpoint, DBName: name } = instance;
  const { MasterUsername: username, EngineVersion: engineVersion } = instance;
  if (!identifier || !endpoint?.Address || !endpoint.Port || !name || !username || !engineVersion) {
    throw new Problem(
      `The database ${identifier} cannot be reached yet: it is ${instance.DBInstanceStatus}.`,
      "Wait until it is available: npm run ops -- db size",
    );
  }
  return { identifier, host: endpoint.Address, port: endpoint.Port, name, username, engineVersion, instance };
}

/** An instance by its identifier, `undefined` when there is none. */
export async function describeInstance(
  rds: RDSClient,
  identifier: string,
  signal: AbortSignal,
): Promise<DBInstance | undefined> {
  try {
    const { DBInstances: instances } = await call(signal, (options) =>
      rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }), options),
    );
    return instances?.[0];
  } catch (error) {
    if (isAwsError(error, "DBInstanceNotFoundFault", "DBInstanceNotFound")) return undefined;
    throw error;
  }
}

/**
 * Reads the password of the database from its secret.
 *
 * @throws Problem when the secret holds something else. The message never has what it holds.
 */
export async function readPassword({ deployment, signal }: Access): Promise<string> {
  const secret = deployment.text("database_credentials_secret_arn");
  const client = awsClient(SecretsManagerClient, deployment.region);
  const { SecretString: text = "" } = await call(signal, (options) =>
    client.send(new GetSecretValueCommand({ SecretId: secret }), options),
  );
  const password = passwordIn(text);
  if (!password) {
    throw new Problem(
      `The secret ${secret} does not hold a user name and a password as this project writes them.`,
      "Set db_password with a new db_password_version, and deploy.",
    );
  }
  return password;
}

function passwordIn(text: string): string | undefined {
  try {
    const { password } = JSON.parse(text) as { password?: unknown };
    return typeof password === "string" ? password : undefined;
  } catch {
    return undefined;
  }
}
