import type { Rule } from "./define";

/**
 * Rules for one variable. The messages share one grammar: the variable, what is allowed, the value
 * given, and what to do where that is not plain.
 *
 * Conditions are Terraform expressions: they are checked by `terraform plan`, when the value is known.
 * `||` and `&&` do not short-circuit in Terraform 1.11, so a condition that could fail is wrapped in `try`.
 */

export function oneOf(name: string, allowed: readonly (string | number)[]): Rule {
  return {
    condition: `\${contains(${JSON.stringify(allowed)}, var.${name})}`,
    errorMessage: `${name} must be one of ${allowed.join(", ")}, got \${var.${name}}.`,
  };
}

/** A whole number within bounds, both included. */
export function wholeNumber(name: string, min: number, max: number, unit = ""): Rule {
  return {
    condition: `\${var.${name} == floor(var.${name}) && var.${name} >= ${min} && var.${name} <= ${max}}`,
    errorMessage: `${name} must be a whole number from ${min} to ${max}${unit && ` ${unit}`}, got \${var.${name}}.`,
  };
}

/** The same for a variable that may be unset. */
export function optionalWholeNumber(name: string, min: number, max: number, unit = ""): Rule {
  const { condition, errorMessage } = wholeNumber(name, min, max, unit);
  return {
    condition: `\${var.${name} == null ? true : ${condition.slice(2, -1)}}`,
    // Terraform evaluates the message even when the rule holds, and null is no text.
    errorMessage: errorMessage.replace(`\${var.${name}}`, `\${jsonencode(var.${name})}`),
  };
}

/** Text that matches a regular expression (RE2) as a whole. `must` completes "<name> must be …". */
export function matching(name: string, pattern: string, must: string): Rule {
  return {
    condition: `\${can(regex(${JSON.stringify(`^(${pattern})$`)}, var.${name}))}`,
    errorMessage: `${name} must be ${must}, got "\${var.${name}}".`,
  };
}

/** An IPv4 range in CIDR notation whose host bits are zero, of a size between two prefix lengths. */
export function cidrBlock(name: string, widest: number, narrowest: number): Rule {
  return {
    condition: `\${${isCidr(`var.${name}`, widest, narrowest)}}`,
    errorMessage: `${name} must be an IPv4 range from /${widest} to /${narrowest} with its host bits zero, for example 10.0.0.0/16, got "\${var.${name}}".`,
  };
}

/** The same for every element of a list. */
export function cidrBlocks(name: string, widest: number, narrowest: number): Rule {
  return {
    condition: `\${alltrue([for cidr in var.${name} : ${isCidr("cidr", widest, narrowest)}])}`,
    errorMessage: `${name} must hold IPv4 ranges from /${widest} to /${narrowest} with their host bits zero, for example 10.0.1.0/24, got \${jsonencode(var.${name})}.`,
  };
}

function isCidr(value: string, widest: number, narrowest: number): string {
  const prefix = `tonumber(split("/", ${value})[1])`;
  return `try(cidrsubnet(${value}, 0, 0) == ${value} && !strcontains(${value}, ":") && ${prefix} >= ${widest} && ${prefix} <= ${narrowest}, false)`;
}
