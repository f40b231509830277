import type { Construct } from "constructs";
import { optionalVariable, variable } from "./define";
import { cidrBlock, cidrBlocks } from "./rules";

/** The VPC and its subnets. */
export function networkVariables(scope: Construct) {
  return {
    vpcCidr: variable(scope, "vpc_cidr", "string", {
      description: "IPv4 range of the VPC, from /16 to /24. Changing it later replaces everything.",
      default: "10.0.0.0/16",
      rules: [cidrBlock("vpc_cidr", 16, 24)],
    }).stringValue,

    availabilityZones: optionalVariable(scope, "azs", "list(string)", {
      description:
        "Availability Zones, one for each pair of subnets. Default: the first zones of the region, in order of name.",
      rules: [
        {
          condition: "${var.azs == null ? true : length(var.azs) >= length(var.public_subnet_cidrs)}",
          errorMessage:
            "azs must name at least as many zones as public_subnet_cidrs has ranges (${length(var.public_subnet_cidrs)}), got ${jsonencode(var.azs)}. Add a zone, or leave azs out to use the region's own.",
        },
      ],
    }),

    publicSubnetCidrs: variable(scope, "public_subnet_cidrs", "list(string)", {
      description:
        "Ranges of the public subnets (load balancer, NAT gateways), one for each zone; /27 or larger.",
      default: ["10.0.1.0/24", "10.0.2.0/24"],
      rules: [
        cidrBlocks("public_subnet_cidrs", 16, 27),
        {
          condition: "${length(var.public_subnet_cidrs) >= 2}",
          errorMessage:
            "public_subnet_cidrs must hold at least 2 ranges, because a load balancer needs two zones, got ${jsonencode(var.public_subnet_cidrs)}.",
        },
      ],
    }).listValue,

    privateSubnetCidrs: variable(scope, "private_subnet_cidrs", "list(string)", {
      description: "Ranges of the private subnets (tasks, database), as many as public ones.",
      default: ["10.0.10.0/24", "10.0.20.0/24"],
      rules: [
        cidrBlocks("private_subnet_cidrs", 16, 28),
        {
          condition: "${length(var.private_subnet_cidrs) == length(var.public_subnet_cidrs)}",
          errorMessage:
            "private_subnet_cidrs must hold as many ranges as public_subnet_cidrs (${length(var.public_subnet_cidrs)}), got ${length(var.private_subnet_cidrs)}.",
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
