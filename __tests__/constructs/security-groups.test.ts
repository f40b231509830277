import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { type Block, wholeStack } from "../helpers/synth";

const stack = wholeStack();

function rules(id: string, direction: "ingress" | "egress"): Block[] {
  const value = stack.resource(SecurityGroup, id)[direction];
  return typeof value === "string" ? (readHcl(value) as unknown as Block[]) : value;
}

/** A rule of one port, closed to everything but what is named. */
const rule = (port: string, opened: Block) => ({
  protocol: "tcp",
  from_port: port,
  to_port: port,
  description: expect.stringMatching(/^[A-Z]/),
  cidr_blocks: [],
  security_groups: [],
  ipv6_cidr_blocks: [],
  prefix_list_ids: [],
  self: false,
  ...opened,
});
const PRIVATE_SUBNETS = "${var.private_subnet_cidrs}";

describe("SecurityGroups", () => {
  it.each([
    ["alb_sg", "alb-sg", "Security group for Application Load Balancer"],
    ["backend_sg", "backend-sg", "Security group for backend ECS tasks"],
    ["db_sg", "db-sg", "Security group for RDS database"],
  ])(
    "keep name and description of %s, because changing one would replace the group",
    (id, name, description) => {
      expect(stack.resource(SecurityGroup, id)).toMatchObject({
        name,
        description,
        vpc_id: "${aws_vpc.time_series_vpc.id}",
      });
    },
  );

  it("let the allowed clients reach the load balancer, on port 443 only with HTTPS", () => {
    expect(rules("alb_sg", "ingress")).toEqual([
      {
        for: "port",
        in: "${var.enable_ssl ? [80, 443] : [80]}",
        each: rule("${port}", { cidr_blocks: "${var.alb_ingress_cidrs}" }),
      },
    ]);
  });

  it("let the load balancer reach the tasks, and nothing else", () => {
    expect(rules("alb_sg", "egress")).toEqual([
      rule("${var.backend_port}", { cidr_blocks: PRIVATE_SUBNETS }),
    ]);
  });

  it("let only the load balancer reach the tasks", () => {
    expect(rules("backend_sg", "ingress")).toEqual([
      rule("${var.backend_port}", { security_groups: ["${aws_security_group.alb_sg.id}"] }),
    ]);
  });

  it("let the tasks reach the database and the allowed ports of the internet", () => {
    expect(rules("backend_sg", "egress")).toEqual([
      rule("${var.db_port}", { cidr_blocks: PRIVATE_SUBNETS }),
      {
        for: "port",
        in: "${var.backend_egress_ports}",
        each: rule("${port}", { cidr_blocks: ["0.0.0.0/0"] }),
      },
    ]);
  });

  it("let only the tasks reach the database", () => {
    expect(rules("db_sg", "ingress")).toEqual([
      rule("${var.db_port}", { security_groups: ["${aws_security_group.backend_sg.id}"] }),
    ]);
  });

  it("let the database open no connection at all, and take back what somebody adds", () => {
    expect(stack.resource(SecurityGroup, "db_sg").egress).toEqual([]);
  });
});
