import { attributesOf, type State } from "./state";

/** Shorter texts would blacken words that are no secret. */
const SHORTEST = 4;

/** Every secret that the older project gave away: in its state and among its values. */
export function secretsOf(state: State, values: Readonly<Record<string, unknown>>): string[] {
  const stored = state.instances
    .filter(({ resource }) => resource.startsWith("aws_secretsmanager_secret_version."))
    .map(({ attributes }) => attributes.secret_string);
  const all = [
    ...stored,
    attributesOf(state, "aws_db_instance.postgres").password,
    values.db_password,
    values.api_key,
  ];
  return all.filter((secret): secret is string => typeof secret === "string" && secret.length >= SHORTEST);
}

/** A text of another program without the secrets, should it quote one. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // Longest first: one may be part of another.
  return [...secrets]
    .sort((a, b) => b.length - a.length)
    .reduce((result, secret) => result.replaceAll(secret, "(secret)"), text);
}
