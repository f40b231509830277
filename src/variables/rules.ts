import { PLACEHOLDER } from "../lib/placeholder";
import type { Rule } from "./define";

/*
 * Rules for one variable, and the expressions that rules are made of.
 *
 * `||` and `&&` do not short-circuit in Terraform 1.11: what could fail stands in a rule after the one that
 * excludes it, in a conditional, or in `can` or `try`. An element of a list may be null.
 */

/** A Terraform list or map with the same elements. */
export function literal(value: unknown): string {
  // A Terraform template would see "${" and "%{" in a text.
  return JSON.stringify(value).replaceAll("${", "$${").replaceAll("%{", "%%{").replaceAll('":', '"=');
}

export function oneOf(name: string, allowed: readonly (string | number)[]): Rule {
  return {
    holds: `contains(${JSON.stringify(allowed)}, var.${name})`,
    must: `be one of ${allowed.join(", ")}`,
  };
}

/** A whole number within bounds, both included. */
export function wholeNumber(name: string, min: number, max: number, unit = ""): Rule {
  return {
    holds: `var.${name} == floor(var.${name}) && var.${name} >= ${min} && var.${name} <= ${max}`,
    must: `be a whole number from ${min} to ${max}${unit && ` ${unit}`}`,
  };
}

/** Text that matches a regular expression (RE2) as a whole. `must` completes "<name> must …". */
export function matching(name: string, pattern: string, must: string, remedy?: string): Rule {
  return { holds: matches(`var.${name}`, pattern), must, ...(remedy && { remedy }) };
}

/** Whether a text matches a regular expression (RE2) as a whole. False for null. */
export function matches(value: string, pattern: string): string {
  return `can(regex(${JSON.stringify(`^(${pattern})$`)}, ${value}))`;
}

/** Whether `holds` is true of every `each` in a list. */
export function every(each: string, list: string, holds: string): string {
  return `alltrue([for ${each} in ${list} : ${holds}])`;
}

/** A list without doubles. */
export function distinct(name: string, what: string): Rule {
  return {
    holds: `length(distinct(var.${name})) == length(var.${name})`,
    must: `name each ${what} once`,
  };
}

/** Whether a secret is the placeholder of the example or of the documentation. */
export function isPlaceholder(name: string): string {
  return `can(regex(${JSON.stringify(PLACEHOLDER)}, trimspace(var.${name})))`;
}

/** A secret of one's own. In dev a placeholder will do, with a warning: see src/warnings.ts. */
export function noPlaceholder(name: string): Rule {
  return {
    holds: `var.environment == "dev" || !${isPlaceholder(name)}`,
    must: "be a value of your own in ${var.environment}, not the placeholder of an example",
    remedy: `Set it in terraform.tfvars or TF_VAR_${name}.`,
  };
}

/** An IPv4 range in CIDR notation, of a size between two prefix lengths. */
export function cidrBlock(name: string, widest: number, narrowest: number): Rule[] {
  const value = `var.${name}`;
  return [
    { holds: isIpv4Range(value), must: "be an IPv4 range such as 10.0.0.0/16" },
    {
      holds: hasNoHostBits(value),
      must: "be a range without host bits",
      remedy: `Write \${try(cidrsubnet(${value}, 0, 0), "")}.`,
    },
    {
      holds: isOfSize(value, widest, narrowest),
      must: `be a range from /${widest} to /${narrowest}`,
    },
  ];
}

/** IPv4 ranges in CIDR notation. */
export function cidrBlocks(name: string): Rule[] {
  const list = `var.${name}`;
  return [
    {
      holds: every("cidr", list, isIpv4Range("cidr")),
      must: "hold IPv4 ranges such as 10.0.1.0/24 only",
    },
    {
      holds: every("cidr", list, hasNoHostBits("cidr")),
      must: "hold ranges without host bits",
      remedy: `Write \${jsonencode([for cidr in ${list} : try(cidrsubnet(cidr, 0, 0), cidr)])}.`,
    },
  ];
}

/** The same, of a size between two prefix lengths. */
export function cidrBlocksOfSize(name: string, widest: number, narrowest: number): Rule[] {
  return [
    ...cidrBlocks(name),
    {
      holds: every("cidr", `var.${name}`, isOfSize("cidr", widest, narrowest)),
      must: `hold ranges from /${widest} to /${narrowest} only`,
    },
  ];
}

function isIpv4Range(value: string): string {
  return `try(can(cidrhost(${value}, 0)) && !strcontains(${value}, ":"), false)`;
}

function hasNoHostBits(value: string): string {
  return `try(cidrsubnet(${value}, 0, 0) == ${value}, false)`;
}

function isOfSize(value: string, widest: number, narrowest: number): string {
  return `try(${prefixOf(value)} >= ${widest} && ${prefixOf(value)} <= ${narrowest}, false)`;
}

/** Whether one IPv4 range lies inside another. Both are ranges in CIDR notation. */
export function isInside(inner: string, outer: string): string {
  return `try(${prefixOf(inner)} >= ${prefixOf(outer)} && ${widened(inner, prefixOf(outer))} == ${widened(outer, prefixOf(outer))}, false)`;
}

/** Whether two IPv4 ranges have an address in common. */
export function overlap(a: string, b: string): string {
  const wider = `min(${prefixOf(a)}, ${prefixOf(b)})`;
  return `try(${widened(a, wider)} == ${widened(b, wider)}, false)`;
}

function prefixOf(cidr: string): string {
  return `tonumber(split("/", ${cidr})[1])`;
}

/** The range of another prefix length that a range begins in. */
function widened(cidr: string, prefix: string): string {
  return `cidrsubnet("\${split("/", ${cidr})[0]}/\${${prefix}}", 0, 0)`;
}
