import { objectText } from "./expression";

/** A rule that lets TCP traffic pass a network ACL. Ports and ranges may be Terraform expressions. */
export interface NetworkAclRule {
  /** Position, from 1 to 32766: the first rule that matches decides. */
  readonly number: number | string;
  readonly cidrBlock: string;
  readonly fromPort: number | string;
  readonly toPort: number | string;
}

/** The rule as a Terraform object, with every attribute that the provider's rule blocks have. */
export function networkAclRule({ number, cidrBlock, fromPort, toPort }: NetworkAclRule): string {
  return objectText({
    rule_no: number,
    action: '"allow"',
    protocol: '"tcp"',
    cidr_block: cidrBlock,
    from_port: fromPort,
    to_port: toPort,
    icmp_code: "null",
    icmp_type: "null",
    ipv6_cidr_block: "null",
  });
}
