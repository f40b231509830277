import type { Construct } from "constructs";
import { optionalVariable, variable } from "./define";
import { cidrBlock, cidrBlocksOfSize, every, isInside, matches, overlap } from "./rules";

/** Ranges that AWS refuses for a VPC. */
const NO_VPC_RANGES = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"];

/** No region has more zones, and the rules of a network ACL are enough for so many. */
const MAX_ZONES = 6;

/** The VPC and its subnets. */
export function networkVariables(scope: Construct) {
  return {
    vpcCidr: variable(scope, "vpc_cidr", "string", {
      description: "IPv4 range of the VPC, from /16 to /25. Changing it later replaces everything.",
      default: "10.0.0.0/16",
      rules: [
        // Two public subnets of /27 and two private ones of /28 need a /25.
        ...cidrBlock("vpc_cidr", 16, 25),
        {
          holds: `!anytrue([${NO_VPC_RANGES.map((range) => overlap("var.vpc_cidr", `"${range}"`)).join(", ")}])`,
          must: `lie outside ${NO_VPC_RANGES.slice(0, -1).join(", ")} and ${NO_VPC_RANGES.at(-1)}, which are no addresses of a network`,
        },
      ],
    }).stringValue,

    availabilityZones: optionalVariable(scope, "azs", "list(string)", {
      description:
        "Availability Zones, one for each pair of subnets. Default: the first zones of the region, in order of name.",
      rules: [
        {
          holds: every("zone", "var.azs", matches("zone", "${var.aws_region}[a-f]")),
          must: "name zones of aws_region, ${var.aws_region}a and so on",
          remedy: "Leave azs out to use the region's own.",
        },
        { holds: "length(distinct(var.azs)) == length(var.azs)", must: "name each zone once" },
        {
          holds: "length(var.azs) >= length(var.public_subnet_cidrs)",
          must: "name at least as many zones as public_subnet_cidrs has ranges (${length(var.public_subnet_cidrs)})",
          remedy: "Add a zone, or leave azs out to use the region's own.",
        },
      ],
    }),

    publicSubnetCidrs: variable(scope, "public_subnet_cidrs", "list(string)", {
      description:
        "Ranges of the public subnets (load balancer, NAT gateways), one for each zone; /27 or larger.",
      default: ["10.0.1.0/24", "10.0.2.0/24"],
      rules: [
        ...cidrBlocksOfSize("public_subnet_cidrs", 16, 27),
        {
          holds: `length(var.public_subnet_cidrs) >= 2 && length(var.public_subnet_cidrs) <= ${MAX_ZONES}`,
          must: `hold 2 to ${MAX_ZONES} ranges, one for each zone, because a load balancer needs two zones`,
        },
        insideVpc("public_subnet_cidrs", 0),
        noOverlap("public_subnet_cidrs"),
      ],
    }).listValue,

    privateSubnetCidrs: variable(scope, "private_subnet_cidrs", "list(string)", {
      description: "Ranges of the private subnets (tasks, database), as many as public ones; /28 or larger.",
      default: ["10.0.10.0/24", "10.0.20.0/24"],
      rules: [
        ...cidrBlocksOfSize("private_subnet_cidrs", 16, 28),
        {
          holds: "length(var.private_subnet_cidrs) == length(var.public_subnet_cidrs)",
          must: "hold as many ranges as public_subnet_cidrs (${length(var.public_subnet_cidrs)}), one for each zone",
        },
        insideVpc("private_subnet_cidrs", 4),
        noOverlap("private_subnet_cidrs"),
        {
          holds: every(
            "private",
            "var.private_subnet_cidrs",
            every("public", "var.public_subnet_cidrs", `!${overlap("private", "public")}`),
          ),
          must: "not overlap public_subnet_cidrs (${jsonencode(var.public_subnet_cidrs)})",
        },
      ],
    }).listValue,

    singleNatGateway: variable(scope, "single_nat_gateway", "bool", {
      description:
        "Share one NAT gateway: cheaper, but its zone's failure cuts every private subnet off the internet.",
      default: false,
    }).booleanValue,

    enableFlowLogs: optionalVariable(scope, "enable_flow_logs", "bool", {
      description: "Log the VPC's traffic to CloudWatch. Default: on in staging and prod.",
    }),
  };
}

/** The remedy cuts the VPC into eighths and starts with the eighth `first`. */
function insideVpc(name: string, first: number) {
  return {
    holds: every("cidr", `var.${name}`, isInside("cidr", "var.vpc_cidr")),
    must: "lie inside vpc_cidr (${var.vpc_cidr})",
    remedy: `Change one of the two: \${try(jsonencode([for i in range(length(var.${name})) : cidrsubnet(var.vpc_cidr, 3, i + ${first})]), "the ranges")} would fit.`,
  };
}

function noOverlap(name: string) {
  return {
    holds: every(
      "i, a",
      `var.${name}`,
      every("j, b", `var.${name}`, `i >= j ? true : !${overlap("a", "b")}`),
    ),
    must: "hold ranges that do not overlap",
  };
}
