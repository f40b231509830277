import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Fn, type IResolvable, Op, type Precondition, TerraformCount, Token } from "cdktf";
import { Construct } from "constructs";
import { everyAttribute, expression, listText } from "../lib/expression";

export interface VpcProps {
  /** Prefix of the names. */
  readonly appName: string;
  readonly region: string;
  /** IPv4 range of the VPC. */
  readonly cidrBlock: string;
  /** Zones to use. Where the list is null, the region's own zones are taken, in order of name. */
  readonly availabilityZones: string[];
  /** One range for each zone. */
  readonly publicSubnetCidrs: string[];
  /** One range for each zone. */
  readonly privateSubnetCidrs: string[];
  /** Whether all private subnets share the first NAT gateway. Otherwise each zone has its own. */
  readonly singleNatGateway: IResolvable;
}

/**
 * The network: public subnets with a route to the internet, private ones with a route out through
 * NAT gateways, and a free way to S3 that spares the NAT gateways the layers of every image.
 *
 * How many subnets and gateways there are follows the lists in terraform.tfvars, hence `count`.
 */
export class Vpc extends Construct {
  public readonly id: string;
  public readonly cidrBlock: string;
  public readonly publicSubnetIds: string[];
  public readonly publicSubnetCidrs: string[];
  public readonly privateSubnetIds: string[];
  public readonly privateSubnetCidrs: string[];

  constructor(scope: Construct, id: string, props: VpcProps) {
    super(scope, id);
    this.cidrBlock = props.cidrBlock;
    this.publicSubnetCidrs = props.publicSubnetCidrs;
    this.privateSubnetCidrs = props.privateSubnetCidrs;

    const zonesOfRegion = this.zonesOfRegion();
    const vpc = new AwsVpc(this, "time_series_vpc", {
      cidrBlock: props.cidrBlock,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: `${props.appName}-vpc` },
      lifecycle: { precondition: this.enoughZones(props, listText(zonesOfRegion)) },
    });
    this.id = vpc.id;

    const internetGateway = new InternetGateway(this, "igw", {
      vpcId: vpc.id,
      tags: { Name: `${props.appName}-igw` },
    });

    const given = listText(props.availabilityZones);
    const zones = Token.asList(expression(this, `${given} == null ? ${listText(zonesOfRegion)} : ${given}`));

    const publicCount = TerraformCount.of(Fn.lengthOf(props.publicSubnetCidrs));
    const publicSubnets = new Subnet(this, "public_subnets", {
      count: publicCount,
      vpcId: vpc.id,
      cidrBlock: Fn.element(props.publicSubnetCidrs, publicCount.index),
      availabilityZone: Fn.element(zones, publicCount.index),
      mapPublicIpOnLaunch: true,
      tags: { Name: `Public Subnet ${Op.add(publicCount.index, 1)}` },
    });
    this.publicSubnetIds = everyAttribute(publicSubnets, "id");

    const privateCount = TerraformCount.of(Fn.lengthOf(props.privateSubnetCidrs));
    const privateSubnets = new Subnet(this, "private_subnets", {
      count: privateCount,
      vpcId: vpc.id,
      cidrBlock: Fn.element(props.privateSubnetCidrs, privateCount.index),
      availabilityZone: Fn.element(zones, privateCount.index),
      mapPublicIpOnLaunch: false,
      tags: { Name: `Private Subnet ${Op.add(privateCount.index, 1)}` },
    });
    this.privateSubnetIds = everyAttribute(privateSubnets, "id");

    const natCount = TerraformCount.of(
      Token.asNumber(
        expression(
          this,
          `${Token.asString(props.singleNatGateway)} ? 1 : length(${listText(props.publicSubnetCidrs)})`,
        ),
      ),
    );
    const addresses = new Eip(this, "nat_gateway_eips", {
      count: natCount,
      domain: "vpc",
      tags: { Name: `NAT Gateway EIP ${Op.add(natCount.index, 1)}` },
      dependsOn: [internetGateway],
    });
    const natGateways = new NatGateway(this, "nat_gateways", {
      count: natCount,
      allocationId: Fn.element(everyAttribute(addresses, "id"), natCount.index),
      subnetId: Fn.element(this.publicSubnetIds, natCount.index),
      tags: { Name: `NAT Gateway ${Op.add(natCount.index, 1)}` },
      dependsOn: [internetGateway],
    });

    const publicRoutes = new RouteTable(this, "public_rt", {
      vpcId: vpc.id,
      route: [{ cidrBlock: "0.0.0.0/0", gatewayId: internetGateway.id }],
      tags: { Name: "Public Route Table" },
    });
    new RouteTableAssociation(this, "public_rt_association", {
      count: publicCount,
      subnetId: Fn.element(this.publicSubnetIds, publicCount.index),
      routeTableId: publicRoutes.id,
    });

    const privateRoutes = new RouteTable(this, "private_rt", {
      count: privateCount,
      vpcId: vpc.id,
      // element() wraps around, so a single NAT gateway serves every table.
      route: [
        {
          cidrBlock: "0.0.0.0/0",
          natGatewayId: Fn.element(everyAttribute(natGateways, "id"), privateCount.index),
        },
      ],
      tags: { Name: `Private Route Table ${Op.add(privateCount.index, 1)}` },
    });
    new RouteTableAssociation(this, "private_rt_association", {
      count: privateCount,
      subnetId: Fn.element(this.privateSubnetIds, privateCount.index),
      routeTableId: Fn.element(everyAttribute(privateRoutes, "id"), privateCount.index),
    });

    new VpcEndpoint(this, "s3", {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${props.region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: everyAttribute(privateRoutes, "id"),
      tags: { Name: `${props.appName} S3 Endpoint` },
    });

    // Every VPC comes with a group that lets its members talk to each other. Nothing here uses it.
    new DefaultSecurityGroup(this, "default", {
      vpcId: vpc.id,
      ingress: [],
      egress: [],
      tags: { Name: `${props.appName} default, unused` },
    });
  }

  private zonesOfRegion(): string[] {
    // Not filtered by state: a zone that AWS reports as impaired would drop out of the list, and the
    // next plan would move subnets and everything in them.
    return new DataAwsAvailabilityZones(this, "available", {
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    }).names;
  }

  /** What only AWS can tell: which zones the region has. */
  private enoughZones(props: VpcProps, zonesOfRegion: string): Precondition[] {
    const given = listText(props.availabilityZones);
    const subnets = `length(${listText(props.publicSubnetCidrs)})`;
    return [
      {
        condition: expression(
          this,
          `${given} == null ? true : length(setsubtract(${given}, ${zonesOfRegion})) == 0`,
        ),
        errorMessage: `azs must name zones that ${props.region} has, \${join(", ", ${zonesOfRegion})}, got \${jsonencode(${given})}. Leave azs out to use the region's own.`,
      },
      {
        condition: expression(this, `${given} == null ? length(${zonesOfRegion}) >= ${subnets} : true`),
        errorMessage: `public_subnet_cidrs must hold at most \${length(${zonesOfRegion})} ranges, one for each zone of ${props.region}, got \${${subnets}}.`,
      },
    ];
  }
}
