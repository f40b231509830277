import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { describe, expect, it } from "vitest";
import { wholeStack } from "../helpers/synth";

const stack = wholeStack();
const VPC_ID = "${aws_vpc.time_series_vpc.id}";

describe("Vpc", () => {
  it("covers the range of the variable and resolves names", () => {
    expect(stack.resource(Vpc)).toMatchObject({
      cidr_block: "${var.vpc_cidr}",
      enable_dns_hostnames: true,
      enable_dns_support: true,
    });
  });

  it.each(["public", "private"])("has a %s subnet for each range, each in a zone of its own", (kind) => {
    expect(stack.resource(Subnet, `${kind}_subnets`)).toMatchObject({
      vpc_id: VPC_ID,
      count: `\${length(var.${kind}_subnet_cidrs)}`,
      cidr_block: `\${element(var.${kind}_subnet_cidrs, count.index)}`,
      availability_zone: expect.stringMatching(/^\$\{element\(.*, count\.index\)\}$/),
    });
  });

  it("gives public addresses in public subnets only", () => {
    expect(stack.resource(Subnet, "public_subnets").map_public_ip_on_launch).toBe(true);
    expect(stack.resource(Subnet, "private_subnets").map_public_ip_on_launch).toBe(false);
  });

  it.each(["public_subnets", "private_subnets"])(
    "takes the zones of azs for the %s, else the region's",
    (id) => {
      expect(stack.resource(Subnet, id).availability_zone).toBe(
        "${element(var.azs == null ? data.aws_availability_zones.available.names : var.azs, count.index)}",
      );
    },
  );

  it("takes no local zone, and keeps a zone that is impaired for a while", () => {
    const zones = stack.dataSource(DataAwsAvailabilityZones);

    expect(zones.filter).toEqual([{ name: "opt-in-status", values: ["opt-in-not-required"] }]);
    expect(zones).not.toHaveProperty("state");
  });

  it("has one NAT gateway for each zone, or a single one, in public subnets", () => {
    const count = "${var.single_nat_gateway ? 1 : length(var.public_subnet_cidrs)}";

    expect(stack.resource(Eip)).toMatchObject({ count, domain: "vpc" });
    expect(stack.resource(NatGateway)).toMatchObject({
      count,
      allocation_id: "${element(aws_eip.nat_gateway_eips[*].id, count.index)}",
      subnet_id: "${element(aws_subnet.public_subnets[*].id, count.index)}",
    });
  });

  it("makes NAT gateways after the internet gateway that they use", () => {
    expect(stack.resource(NatGateway).depends_on).toEqual(["aws_internet_gateway.igw"]);
    expect(stack.resource(Eip).depends_on).toEqual(["aws_internet_gateway.igw"]);
    expect(stack.resource(InternetGateway).vpc_id).toBe(VPC_ID);
  });

  it("routes public subnets to the internet gateway", () => {
    const table = stack.resource(RouteTable, "public_rt");

    expect(table).toMatchObject({
      vpc_id: VPC_ID,
      route: [
        { cidr_block: "0.0.0.0/0", gateway_id: "${aws_internet_gateway.igw.id}", nat_gateway_id: null },
      ],
    });
    expect(stack.resource(RouteTableAssociation, "public_rt_association")).toMatchObject({
      count: "${length(var.public_subnet_cidrs)}",
      subnet_id: "${element(aws_subnet.public_subnets[*].id, count.index)}",
      route_table_id: "${aws_route_table.public_rt.id}",
    });
  });

  it("routes each private subnet to the NAT gateway of its zone, never to the internet gateway", () => {
    expect(stack.resource(RouteTable, "private_rt")).toMatchObject({
      vpc_id: VPC_ID,
      count: "${length(var.private_subnet_cidrs)}",
      route: [
        {
          cidr_block: "0.0.0.0/0",
          gateway_id: null,
          nat_gateway_id: "${element(aws_nat_gateway.nat_gateways[*].id, count.index)}",
        },
      ],
    });
    expect(stack.resource(RouteTableAssociation, "private_rt_association")).toMatchObject({
      count: "${length(var.private_subnet_cidrs)}",
      subnet_id: "${element(aws_subnet.private_subnets[*].id, count.index)}",
      route_table_id: "${element(aws_route_table.private_rt[*].id, count.index)}",
    });
  });

  it("reaches S3 from the private subnets by a gateway endpoint, which is free", () => {
    expect(stack.resource(VpcEndpoint)).toMatchObject({
      vpc_id: VPC_ID,
      vpc_endpoint_type: "Gateway",
      service_name: "com.amazonaws.${var.aws_region}.s3",
      route_table_ids: "${aws_route_table.private_rt[*].id}",
    });
  });

  it("empties the security group that every VPC comes with", () => {
    expect(stack.resource(DefaultSecurityGroup)).toMatchObject({ vpc_id: VPC_ID, ingress: [], egress: [] });
  });
});
