import type { Construct } from "constructs";
import { optionalVariable, variable } from "./define";
import { matching, oneOf } from "./rules";

/**
 * Retention periods that CloudWatch Logs offers, in days.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** What stands before the "@" of an e-mail address: words with single dots between. */
const MAILBOX = "[\\w!#$%&'*+/=?^`{|}~-]+(\\.[\\w!#$%&'*+/=?^`{|}~-]+)*";

/** Images, secrets, logs and alarms. */
export function operationsVariables(scope: Construct) {
  return {
    ecrForceDelete: optionalVariable(scope, "ecr_force_delete", "bool", {
      description: "Delete the repositories even if they hold images. Default: on in dev.",
    }),

    secretRecoveryWindow: optionalVariable(scope, "secret_recovery_window_in_days", "number", {
      description:
        "Days in which a deleted secret can be restored: 0 (none) or 7 to 30. Default: 0 in dev, 30 in staging and prod.",
      rules: [
        {
          holds: "contains(concat([0], range(7, 31)), var.secret_recovery_window_in_days)",
          must: "be 0 or a whole number from 7 to 30 days",
        },
      ],
    }),

    logRetentionInDays: variable(scope, "log_retention_in_days", "number", {
      description: "Days to keep logs in CloudWatch.",
      default: 7,
      rules: [oneOf("log_retention_in_days", LOG_RETENTION_DAYS)],
    }).numberValue,

    alarmEmail: variable(scope, "alarm_email", "string", {
      description: "Address that alarms are mailed to. AWS first sends it a link to confirm. Empty: nobody.",
      default: "",
      rules: [
        matching(
          "alarm_email",
          `|${MAILBOX}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,63}`,
          "be one e-mail address, or empty",
        ),
      ],
    }).stringValue,
  };
}
