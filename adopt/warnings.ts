import { managedChanges, type PlanFile } from "./plan";
import { removedByHandRules } from "./security-rules";

/** What an operator must know before the apply, from what a plan does to the database and the network. */
export function planWarnings(plan: PlanFile): string[] {
  return [...databaseWarnings(plan), ...networkWarnings(plan)];
}

/** Changes that wait for the maintenance window unless they are applied immediately. */
const WAITING = ["engine_version", "multi_az", "storage_type"];

function databaseWarnings(plan: PlanFile): string[] {
  const { before, after } = changeOf(plan, "aws_db_instance.postgres");
  const differs = (attribute: string) => after !== null && before?.[attribute] !== after?.[attribute];
  const version = before?.engine_version_actual ?? before?.engine_version;
  const waiting = WAITING.filter(differs);
  const atOnce = after?.apply_immediately === true;

  return [
    differs("engine_version") &&
      `PostgreSQL: RDS upgrades ${version} to its default minor version of ${after?.engine_version}, if that is newer, ` +
        `${atOnce ? "at once, with some minutes of downtime" : "in the maintenance window"}. To put it off, ` +
        `set db_engine_version = "${version}"; to come down later is not possible`,
    waiting.length > 0 &&
      !atOnce &&
      `Database: ${waiting.join(", ")} wait for the maintenance window (${after?.maintenance_window ?? "see RDS"}) and show in every plan until then. ` +
        "To make these changes at once, deploy with db_apply_immediately = true",
    differs("parameter_group_name") &&
      "Database: the new parameter group (TLS only) is in force after the next restart. An upgrade restarts it; " +
        `otherwise: aws rds reboot-db-instance --db-instance-identifier ${after?.identifier}`,
    differs("storage_type") &&
      `Storage goes from ${before?.storage_type} to ${after?.storage_type} without downtime. For 6 hours after that it cannot be changed again`,
  ].filter((warning) => warning !== false);
}

function networkWarnings(plan: PlanFile): string[] {
  const { before, after } = changeOf(plan, "aws_security_group.backend_sg");
  const wasOpen = JSON.stringify(before?.egress ?? []).includes('"protocol":"-1"');
  const rules = removedByHandRules(managedChanges(plan));
  return [
    wasOpen &&
      after !== null &&
      "Tasks reach the internet on port 443 only. If the application needs another port, name it in backend_egress_ports",
    ...rules.map(
      ({ address, rule }) =>
        `A rule that is not of this stack goes: ${rule}, in ${address}. If somebody needs it, say so in src/constructs/security-groups.ts first`,
    ),
  ].filter((warning) => warning !== false);
}

function changeOf(plan: PlanFile, address: string) {
  const found = managedChanges(plan).find((change) => change.address === address);
  return found?.change ?? { before: null, after: null };
}
