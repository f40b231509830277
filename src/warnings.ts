import { type TerraformStack } from "cdktf";
import { CLOSED_POSTGRES_VERSION } from "./lib/postgres-version";
import { isPlaceholder, matches } from "./variables/rules";

/** Security group rules that AWS allows for each group, unless one asks for more. */
const SECURITY_GROUP_RULES = 60;

/**
 * What may be right but seldom is: `terraform plan` warns and goes on. The messages have the grammar of the
 * rules in src/variables.
 */
const WARNINGS: Readonly<Record<string, { readonly holds: string; readonly message: string }>> = {
  db_password_is_a_placeholder: placeholder("db_password"),
  api_key_is_a_placeholder: placeholder("api_key"),
  db_engine_version_is_closed: {
    holds: `!${matches("var.db_engine_version", CLOSED_POSTGRES_VERSION)}`,
    message:
      'db_engine_version should be 15 or a newer minor version, got "${var.db_engine_version}". RDS creates no new instance of it: keep it only for an instance that runs it already.',
  },
  alb_ingress_cidrs_are_many: {
    holds: `length(var.alb_ingress_cidrs) * (var.enable_ssl ? 2 : 1) <= ${SECURITY_GROUP_RULES}`,
    message: `alb_ingress_cidrs should hold at most \${var.enable_ssl ? ${SECURITY_GROUP_RULES / 2} : ${SECURITY_GROUP_RULES}} ranges, got \${length(var.alb_ingress_cidrs)}. A security group takes ${SECURITY_GROUP_RULES} rules, one for each range and port, unless AWS has raised the quota of your account.`,
  },
};

/** Warns through Terraform's `check` blocks, which never stop a plan. */
export function defineWarnings(stack: TerraformStack): void {
  for (const [name, { holds, message }] of Object.entries(WARNINGS)) {
    stack.addOverride(`check.${name}.assert`, [{ condition: `\${${holds}}`, error_message: message }]);
  }
}

function placeholder(name: string) {
  return {
    holds: `!${isPlaceholder(name)}`,
    message: `${name} should be a value of your own, not the placeholder of an example. It will do for a trial in dev; staging and prod refuse it.`,
  };
}
