import { TerraformVariable, type TerraformVariableConfig } from "cdktf";
import type { Construct } from "constructs";

/**
 * A rule on a variable, and what to tell the user when it does not hold. The messages share one grammar:
 *
 *     <variable> must <what is allowed>, got <value>. <What to change, where that is not plain.>
 *
 * All three are Terraform: `terraform plan` evaluates them, when the values are known.
 */
export interface Rule {
  /**
   * Expression that is true for a right value. It is looked at only where the rules before it hold, and
   * only when the value is not null: it may take for granted what they say.
   */
  readonly holds: string;
  /** Completes "<variable> must …". Terraform evaluates it even when the rule holds, so it must never fail. */
  readonly must: string;
  /** A sentence on what to change. */
  readonly remedy?: string;
}

type VariableOptions = Omit<TerraformVariableConfig, "type" | "nullable" | "validation"> & {
  readonly description: string;
  readonly rules?: readonly Rule[];
};

/**
 * A variable that always has a value: `null` in a tfvars file means its default. Without a default it
 * is required.
 */
export function variable(
  scope: Construct,
  name: string,
  type: string,
  options: VariableOptions,
): TerraformVariable {
  const { rules = [], ...config } = options;
  const got = type === "string" ? `"\${var.${name}}"` : type === "number" ? `\${var.${name}}` : encoded(name);
  return new TerraformVariable(scope, name, {
    ...config,
    type,
    nullable: false,
    validation: validations(rules, (rule) => `${name} must ${rule.must}, got ${got}.`),
  });
}

/** A variable that may stay unset (`null`): something else then decides, as its description says. */
export function optionalVariable(
  scope: Construct,
  name: string,
  type: string,
  options: Omit<VariableOptions, "default">,
): TerraformVariable {
  const { rules = [], ...config } = options;
  const defined = new TerraformVariable(scope, name, {
    ...config,
    type,
    nullable: true,
    validation: validations(rules, (rule) => `${name} must ${rule.must}, got ${encoded(name)}.`).map(
      ({ condition, errorMessage }) => ({
        condition: unlessNull(name, condition),
        errorMessage,
      }),
    ),
  });
  // `default: null` in the properties makes cdktf throw.
  defined.addOverride("default", null);
  return defined;
}

/**
 * A required secret, and the number that says which edition of it is given. Terraform shows the secret
 * nowhere (sensitive) and writes it to no plan and no state (ephemeral).
 *
 * The rules of the secret stand on the number: with the message of a rule Terraform prints the line of
 * the tfvars file that sets the variable, and the secret is in that line.
 */
export function secretVariable(
  scope: Construct,
  name: string,
  options: Omit<VariableOptions, "default"> & { readonly versionDescription: string },
): { readonly secret: TerraformVariable; readonly version: TerraformVariable } {
  const { rules = [], versionDescription, ...config } = options;
  const secret = variable(scope, name, "string", { ...config, sensitive: true });
  secret.addOverride("ephemeral", true);

  const version = variable(scope, `${name}_version`, "number", {
    description: versionDescription,
    default: 1,
    rules: [
      {
        holds: `var.${name}_version == floor(var.${name}_version) && var.${name}_version >= 1 && var.${name}_version <= 1000000`,
        must: "be a whole number from 1 to 1000000",
      },
    ],
  });
  for (const { condition, errorMessage } of validations(rules, ({ must }) => `${name} must ${must}.`)) {
    version.addValidation({
      // Terraform wants a condition to refer to the variable that it stands on.
      condition: unlessNull(`${name}_version`, condition),
      errorMessage,
    });
  }
  return { secret, version };
}

/** Terraform's validations of rules. Of several that do not hold, only the first speaks. */
function validations(rules: readonly Rule[], message: (rule: Rule) => string) {
  return rules.map((rule, index) => {
    const condition = rules
      .slice(0, index)
      // A conditional, because "&&" evaluates both sides: a later rule would fail on what an earlier one refuses.
      .reduceRight((later, { holds }) => `(${holds}) ? (${later}) : true`, rule.holds);
    return {
      condition: `\${${condition}}`,
      errorMessage: [message(rule), rule.remedy].filter(Boolean).join(" "),
    };
  });
}

function unlessNull(name: string, condition: string): string {
  return `\${var.${name} == null ? true : ${condition.slice(2, -1)}}`;
}

function encoded(name: string): string {
  return `\${jsonencode(var.${name})}`;
}
