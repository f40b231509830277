import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { type Block, wholeStack } from "../helpers/synth";

const stack = wholeStack();
const PUBLIC = "each of ${var.public_subnet_cidrs}";
const PRIVATE = "each of ${var.private_subnet_cidrs}";
const ANYWHERE = "0.0.0.0/0";
const BACKEND = "${var.backend_port}";
const DATABASE = "${var.db_port}";

type Direction = "ingress" | "egress";

function rulesOf(acl: "public" | "private", direction: Direction): Block[] {
  return readHcl(stack.resource(NetworkAcl, acl)[direction]) as unknown as Block[];
}

/** The rules as `<peer> <ports>`, in the order of their numbers. */
function traffic(acl: "public" | "private", direction: Direction): string[] {
  return rulesOf(acl, direction).map((rule) => {
    const { cidr_block, from_port, to_port } = rule.each ?? rule;
    const named = (value: unknown) => (/^\$\{(cidr|port)\}$/.test(`${value}`) ? `each of ${rule.in}` : value);
    const ports = from_port === to_port ? named(from_port) : `${from_port}-${to_port}`;
    return `${named(cidr_block)} ${ports}`;
  });
}

describe("NetworkAcls", () => {
  it.each(["public", "private"] as const)("stands around the %s subnets", (acl) => {
    expect(stack.resource(NetworkAcl, acl)).toMatchObject({
      vpc_id: "${aws_vpc.time_series_vpc.id}",
      subnet_ids: `\${aws_subnet.${acl}_subnets[*].id}`,
    });
  });

  describe("public", () => {
    it("lets in clients, tasks on their way out, and answers", () => {
      expect(traffic("public", "ingress")).toEqual([
        `${ANYWHERE} 80`,
        `${ANYWHERE} 443`,
        "${var.vpc_cidr} each of ${var.backend_egress_ports}",
        // To the load balancer's and the NAT gateways' own connections.
        `${ANYWHERE} 1024-65535`,
      ]);
    });

    it("lets out what goes to the tasks and, for them, to the internet, and answers", () => {
      expect(traffic("public", "egress")).toEqual([
        `${PRIVATE} ${BACKEND}`,
        `${ANYWHERE} each of \${var.backend_egress_ports}`,
        `${ANYWHERE} 1024-65535`,
      ]);
    });
  });

  describe("private", () => {
    it("lets in the load balancer, the tasks' queries, and answers", () => {
      expect(traffic("private", "ingress")).toEqual([
        `${PUBLIC} ${BACKEND}`,
        `${PRIVATE} ${DATABASE}`,
        `${ANYWHERE} 32768-65535`,
      ]);
    });

    it("lets out queries, the tasks' calls to the internet, and answers, those only inside", () => {
      expect(traffic("private", "egress")).toEqual([
        `${PRIVATE} ${DATABASE}`,
        `${ANYWHERE} each of \${var.backend_egress_ports}`,
        `${PUBLIC} 1024-65535`,
        `${PRIVATE} 32768-65535`,
      ]);
    });
  });

  const every = (["public", "private"] as const).flatMap((acl) =>
    (["ingress", "egress"] as const).map((direction) => ({ acl, direction, rules: rulesOf(acl, direction) })),
  );

  it.each(every)("$acl $direction: lets TCP pass and nothing else", ({ rules }) => {
    for (const rule of rules) {
      expect(rule.each ?? rule).toMatchObject({ action: "allow", protocol: "tcp", ipv6_cidr_block: null });
    }
  });

  it.each(every)(
    "$acl $direction: has no more than AWS's 20 rules, as backend_egress_ports promises",
    ({ rules }) => {
      const zones = 4;
      const lengths: Record<string, number> = {
        "${var.public_subnet_cidrs}": zones,
        "${var.private_subnet_cidrs}": zones,
        "${var.backend_egress_ports}": 20 - 3 * zones,
      };
      const counts = rules.map((rule) => (rule.each ? (lengths[rule.in] ?? NaN) : 1));

      expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(20);
    },
  );

  it.each(every)(
    "$acl $direction: numbers its rules apart, with room for every range of a list",
    ({ rules }) => {
      const numbers = rules.map((rule) => {
        const number = (rule.each ?? rule).rule_no;
        return rule.each ? Number(/^\$\{(\d+) \+ i\}$/.exec(number)?.[1]) : number;
      });

      expect(rules.filter((rule) => rule.each && !rule.for.startsWith("i, "))).toEqual([]);
      for (const [index, rule] of rules.entries()) {
        const room = (numbers[index + 1] ?? 32766) - numbers[index];
        expect(room).toBeGreaterThanOrEqual(rule.each ? 100 : 1);
      }
    },
  );
});
