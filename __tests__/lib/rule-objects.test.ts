import { describe, expect, it } from "vitest";
import { networkAclRule } from "../../src/lib/network-acl-rule";
import { securityGroupRule } from "../../src/lib/security-group-rule";
import { readHcl } from "../helpers/hcl";

describe("networkAclRule", () => {
  it("lets TCP pass, with every attribute that the provider asks for", () => {
    const rule = networkAclRule({ number: 100, cidrBlock: '"10.0.0.0/8"', fromPort: 80, toPort: 90 });

    expect(readHcl(rule)).toEqual({
      rule_no: 100,
      action: "allow",
      protocol: "tcp",
      cidr_block: "10.0.0.0/8",
      from_port: 80,
      to_port: 90,
      icmp_code: null,
      icmp_type: null,
      ipv6_cidr_block: null,
    });
  });

  it("takes expressions for what only the plan knows", () => {
    const rule = networkAclRule({ number: "200 + i", cidrBlock: "cidr", fromPort: "port", toPort: "port" });

    expect(readHcl(rule)).toMatchObject({
      rule_no: "${200 + i}",
      cidr_block: "${cidr}",
      from_port: "${port}",
      to_port: "${port}",
    });
  });
});

describe("securityGroupRule", () => {
  const closed = {
    protocol: "tcp",
    cidr_blocks: [],
    security_groups: [],
    ipv6_cidr_blocks: [],
    prefix_list_ids: [],
    self: false,
  };

  it("opens one TCP port to nobody unless told to whom", () => {
    const rule = securityGroupRule({ port: 443, description: "Nobody" });

    expect(readHcl(rule)).toEqual({ ...closed, from_port: 443, to_port: 443, description: "Nobody" });
  });

  it("opens the port to ranges", () => {
    const rule = securityGroupRule({ port: "var.port", description: "Clients", cidrBlocks: "var.clients" });

    expect(readHcl(rule)).toMatchObject({
      ...closed,
      from_port: "${var.port}",
      to_port: "${var.port}",
      cidr_blocks: "${var.clients}",
    });
  });

  it("opens the port to groups", () => {
    const rule = securityGroupRule({ port: 1, description: "Tasks", securityGroups: "[aws_group.x.id]" });

    expect(readHcl(rule)).toMatchObject({ ...closed, security_groups: ["${aws_group.x.id}"] });
  });

  it("quotes the description", () => {
    const rule = securityGroupRule({ port: 1, description: 'the "inner" tier' });

    expect(readHcl(rule)).toMatchObject({ description: 'the "inner" tier' });
  });
});
