import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { Construct } from "constructs";
import { expression, listText } from "../lib/expression";
import { networkAclRule } from "../lib/network-acl-rule";
import type { Vpc } from "./vpc";

export interface NetworkAclsProps {
  readonly appName: string;
  readonly vpc: Vpc;
  /** TCP port of the application in the private subnets. */
  readonly backendPort: number;
  /** TCP port of the database in the private subnets. */
  readonly databasePort: number;
  /** TCP ports on the internet that the private subnets may connect to. */
  readonly egressPorts: string;
}

/** Where a client's own port may lie: what load balancer nodes, NAT gateways and browsers use. */
const CLIENT_PORTS = { fromPort: 1024, toPort: 65535 };

/**
 * Where the private subnets' own connections start from: Linux's range, which Fargate and RDS use.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
 */
const LINUX_CLIENT_PORTS = { fromPort: 32768, toPort: 65535 };

const ANYWHERE = '"0.0.0.0/0"';

/**
 * Network ACLs: a second fence around the subnets, beside the security groups.
 *
 * ACLs are stateless, so each connection needs a rule for its answers too, towards the client's port.
 * Names are resolved, and time and task metadata are read, without rules: ACLs do not apply to the
 * addresses that AWS reserves for those.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html
 */
export class NetworkAcls extends Construct {
  constructor(scope: Construct, id: string, props: NetworkAclsProps) {
    super(scope, id);
    const { appName, vpc, backendPort, databasePort, egressPorts } = props;
    const backend = { fromPort: backendPort, toPort: backendPort };
    const database = { fromPort: databasePort, toPort: databasePort };

    const publicSubnets = listText(vpc.publicSubnetCidrs);
    const privateSubnets = listText(vpc.privateSubnetCidrs);
    /** One rule for each range of a list. */
    const each = (cidrs: string, first: number, ports: { fromPort: number; toPort: number }) =>
      `[for i, cidr in ${cidrs} : ${networkAclRule({ number: `${first} + i`, cidrBlock: "cidr", ...ports })}]`;
    /** One rule for each port that the tasks may reach on the internet. */
    const eachEgressPort = (first: number, cidrBlock: string) =>
      `[for i, port in ${egressPorts} : ${networkAclRule({ number: `${first} + i`, cidrBlock, fromPort: "port", toPort: "port" })}]`;
    const rules = (...lists: string[]) => expression(this, `concat(${lists.join(", ")})`);

    new NetworkAcl(this, "public", {
      vpcId: vpc.id,
      subnetIds: vpc.publicSubnetIds,
      ingress: rules(
        `[${networkAclRule({ number: 100, cidrBlock: ANYWHERE, fromPort: 80, toPort: 80 })}]`,
        `[${networkAclRule({ number: 110, cidrBlock: ANYWHERE, fromPort: 443, toPort: 443 })}]`,
        // The way of the tasks to the NAT gateway.
        eachEgressPort(200, vpc.cidrBlock),
        // Answers of the internet to the NAT gateways, and of the tasks to the load balancer.
        `[${networkAclRule({ number: 900, cidrBlock: ANYWHERE, ...CLIENT_PORTS })}]`,
      ),
      egress: rules(
        each(privateSubnets, 100, backend),
        eachEgressPort(200, ANYWHERE),
        // Answers of the load balancer to its clients, and of the internet to the tasks.
        `[${networkAclRule({ number: 900, cidrBlock: ANYWHERE, ...CLIENT_PORTS })}]`,
      ),
      tags: { Name: `${appName}-public` },
    });

    new NetworkAcl(this, "private", {
      vpcId: vpc.id,
      subnetIds: vpc.privateSubnetIds,
      ingress: rules(
        each(publicSubnets, 100, backend),
        each(privateSubnets, 200, database),
        // Answers of the internet through the NAT gateways (from the internet's own addresses), of S3
        // through its endpoint, and of the database.
        `[${networkAclRule({ number: 900, cidrBlock: ANYWHERE, ...LINUX_CLIENT_PORTS })}]`,
      ),
      egress: rules(
        each(privateSubnets, 100, database),
        eachEgressPort(200, ANYWHERE),
        // Answers to the load balancer.
        each(publicSubnets, 300, CLIENT_PORTS),
        // Answers of the database to the tasks.
        each(privateSubnets, 400, LINUX_CLIENT_PORTS),
      ),
      tags: { Name: `${appName}-private` },
    });
  }
}
