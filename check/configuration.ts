import type { Rules } from "./rules";

/** A rule, standing by itself. */
interface Precondition {
  readonly condition: string;
  readonly error_message: string;
}

/**
 * A configuration without provider and resources that says everything that is wrong with the values, at once.
 *
 * In `terraform plan` a rule that does not hold hides the rules of every variable that refers to its own. So
 * here each rule is the precondition of an output, word for word, and none hides another. A required variable
 * may be left out, because Terraform looks at no rule when one is missing.
 */
export function configurationOf({ variable, check }: Rules) {
  const variables: Record<string, unknown> = {};
  const output: Record<string, { value: string; precondition: Precondition[] }> = {};
  for (const [name, { validation = [], ...block }] of Object.entries(variable)) {
    const isRequired = !("default" in block);
    variables[name] = {
      ...block,
      ephemeral: undefined,
      ...(isRequired && { default: null, nullable: true }),
    };
    validation.forEach((rule, index) => (output[`${name}_${index}`] = { value: "", precondition: [rule] }));
  }

  const required = Object.keys(variable).filter((name) => !("default" in (variable[name] ?? {})));
  for (const name of required) {
    output[`${name}_is_set`] = {
      value: "",
      precondition: [
        {
          condition: `\${var.${name} != null}`,
          error_message: `${name} must be set. Write it into terraform.tfvars, or set TF_VAR_${name}.`,
        },
      ],
    };
  }
  return { variable: variables, check: unlessNull(check, required), output: unlessNull(output, required) };
}

/** The same conditions, true where a required variable that they refer to is not set. */
function unlessNull<T>(blocks: T, required: readonly string[]): T {
  return JSON.parse(JSON.stringify(blocks), (key, value: unknown) => {
    if (key !== "condition" || typeof value !== "string") return value;
    return required.reduce(
      (condition, name) =>
        new RegExp(`\\bvar\\.${name}\\b(?! != null\\})`).test(condition)
          ? `\${var.${name} == null ? true : ${condition.slice(2, -1)}}`
          : condition,
      value,
    );
  }) as T;
}
