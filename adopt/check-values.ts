import { closest, distance } from "fastest-levenshtein";
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

/** Looks at the values for what a plan would not say, or not as plainly. */
export function checkValues(values: Values, configuration: Configuration, state: State): ValueFindings {
  const inForce = effective(values);
  return {
    problems: [...missingValues(inForce, configuration), ...otherRegion(inForce, configuration, state)],
    warnings: [...unknownNames(values, configuration), ...otherSecrets(inForce, state), ...pinned(inForce)],
  };
}

function missingValues(inForce: Readonly<Record<string, unknown>>, { variables }: Configuration): string[] {
  return Object.entries(variables)
    .filter(([name, variable]) => !("default" in variable) && (inForce[name] ?? null) === null)
    .map(
      ([name]) =>
        `${name} must be set, but none of the files of values has it: name the file with --var-file, or set TF_VAR_${name}`,
    );
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

/** Terraform only warns about them, and goes on with the default. */
function unknownNames({ files }: Values, { variables }: Configuration): string[] {
  const known = Object.keys(variables);
  const names = new Set(files.flatMap(({ values }) => Object.keys(values)));
  return [...names]
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = closest(name, known);
      const isNear = distance(name, nearest) <= Math.max(2, name.length / 4);
      return `${name} is no variable of this stack and is ignored${isNear ? `: did you mean ${nearest}?` : ""}`;
    });
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
