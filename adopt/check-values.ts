import { check } from "../check/check";
import { describe, type Finding } from "../check/finding";
import { rulesOfStack } from "../check/rules";
import type { Configuration } from "./configuration";
import { attributesOf, regionOf, type State } from "./state";
import { effective, type Values } from "./values";

/** What there is to say about values before a plan. None of it shows a secret. */
export interface ValueFindings {
  /** The takeover cannot go on. */
  readonly problems: readonly string[];
  /** The operator should know. */
  readonly warnings: readonly string[];
}

/** Looks at the values: by the rules of this project, and for what differs from the state. */
export async function checkValues(
  values: Values,
  configuration: Configuration,
  state: State,
): Promise<ValueFindings> {
  const inForce = effective(values);
  const findings = await checkByRules(values);
  const those = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).map(describe);
  return {
    problems: [...those("error"), ...otherRegion(inForce, configuration, state)],
    warnings: [...those("warning"), ...otherSecrets(inForce, state), ...pinned(inForce)],
  };
}

/** What `npm run check` would say of the same values in this project. */
async function checkByRules({ files, environment }: Values): Promise<Finding[]> {
  return check({
    rules: rulesOfStack(),
    directory: ".",
    files: files.map(({ file }) => file),
    environment: Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [`TF_VAR_${name}`, value]),
    ),
  });
}

function otherRegion(
  inForce: Readonly<Record<string, unknown>>,
  { variables }: Configuration,
  state: State,
): string[] {
  const planned = inForce.aws_region ?? variables.aws_region?.default;
  const actual = regionOf(state);
  if (!actual || !planned || planned === actual) return [];
  return [
    `aws_region must be ${JSON.stringify(actual)}, where the resources of the state are, got ${JSON.stringify(planned)}: ` +
      "name the right file of values with --var-file",
  ];
}

function otherSecrets(inForce: Readonly<Record<string, unknown>>, state: State): string[] {
  const { password } = attributesOf(state, "aws_db_instance.postgres");
  const { secret_string } = attributesOf(state, "aws_secretsmanager_secret_version.api_key");
  return [
    differ(inForce.db_password, password) &&
      "db_password is not the password in the state: the takeover gives the database the one of your values",
    differ(inForce.api_key, secret_string) &&
      "api_key is not the key in the state: with the takeover, clients have to send the one of your values",
  ].filter((warning) => warning !== false);
}

function differ(value: unknown, stored: unknown): boolean {
  return typeof stored === "string" && stored !== "" && value !== undefined && String(value) !== stored;
}

function pinned({ db_engine_version: version }: Readonly<Record<string, unknown>>): string[] {
  if (typeof version !== "string" || !version.includes(".")) return [];
  return [
    `db_engine_version pins PostgreSQL ${version}: RDS then makes no minor upgrades by itself. Write "15" to follow them`,
  ];
}
