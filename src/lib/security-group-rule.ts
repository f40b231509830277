import { objectText } from "./expression";

/** TCP traffic on one port, with ranges or groups as the other side. Values are Terraform expressions. */
export interface SecurityGroupRule {
  readonly port: number | string;
  readonly description: string;
  /** A list of IPv4 ranges. */
  readonly cidrBlocks?: string;
  /** A list of group ids. */
  readonly securityGroups?: string;
}

/** The rule as a Terraform object, with every attribute that the provider's inline rules have. */
export function securityGroupRule(rule: SecurityGroupRule): string {
  return objectText({
    protocol: '"tcp"',
    from_port: rule.port,
    to_port: rule.port,
    description: JSON.stringify(rule.description),
    cidr_blocks: rule.cidrBlocks ?? "[]",
    security_groups: rule.securityGroups ?? "[]",
    ipv6_cidr_blocks: "[]",
    prefix_list_ids: "[]",
    self: "false",
  });
}
