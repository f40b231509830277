import { attributesOf, type State } from "../../adopt/state";
import type { EffectiveValues } from "../values";

/** How database and secrets end. */
export interface Endings {
  /** Whether the database goes without a last snapshot, and its automated backups with it. */
  readonly skipFinalSnapshot: boolean;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly secretRecoveryDays: number;
}

const DATABASE = "aws_db_instance.postgres";
const SECRET = "aws_secretsmanager_secret.";

/**
 * The safer of what was applied and what the values say. A value that nobody applied yet, for example another
 * `environment`, must not take away a snapshot. And what was imported and never applied is noted in the state
 * as if nobody wanted it kept.
 *
 * @param told - Whether the operator said to go without the last snapshot.
 */
export function endingsOf(
  state: State,
  values: EffectiveValues,
  { skipFinalSnapshot: told }: Pick<Endings, "skipFinalSnapshot">,
): Endings {
  const applied = attributesOf(state, DATABASE).skip_final_snapshot === true;
  const windows = secretsIn(state).map(({ attributes }) => Number(attributes.recovery_window_in_days ?? 0));
  return {
    skipFinalSnapshot: told || (applied && values.db_skip_final_snapshot),
    secretRecoveryDays: values.secret_recovery_window_in_days || Math.max(0, ...windows),
  };
}

/** Values that make it so, beside those in terraform.tfvars. */
export function valuesOf(endings: Endings, values: EffectiveValues): Readonly<Record<string, unknown>> {
  const { skipFinalSnapshot, secretRecoveryDays } = endings;
  return {
    ...(skipFinalSnapshot !== values.db_skip_final_snapshot && {
      db_skip_final_snapshot: skipFinalSnapshot,
      // In staging and prod a rule wants both: docs/decisions/0012-rules.md
      ...(skipFinalSnapshot && { db_deletion_protection: false }),
    }),
    ...(secretRecoveryDays !== values.secret_recovery_window_in_days && {
      secret_recovery_window_in_days: secretRecoveryDays,
    }),
  };
}

/** Resources of which the state says something else: they need an apply first. */
export function outOfStep(state: State, { skipFinalSnapshot, secretRecoveryDays }: Endings): string[] {
  const databases = state.instances.filter(
    ({ address, attributes }) => address === DATABASE && attributes.skip_final_snapshot !== skipFinalSnapshot,
  );
  const secrets = secretsIn(state).filter(
    ({ attributes }) => attributes.recovery_window_in_days !== secretRecoveryDays,
  );
  return [...databases, ...secrets].map(({ address }) => address);
}

function secretsIn(state: State) {
  return state.instances.filter(({ resource }) => resource.startsWith(SECRET));
}
