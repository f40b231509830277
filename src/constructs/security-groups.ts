import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { type IResolvable, Token } from "cdktf";
import { Construct } from "constructs";
import { expression, listText } from "../lib/expression";
import { securityGroupRule } from "../lib/security-group-rule";
import type { Vpc } from "./vpc";

export interface SecurityGroupsProps {
  readonly vpc: Vpc;
  /** IPv4 ranges that may reach the load balancer. */
  readonly ingressCidrs: string[];
  /** Whether the load balancer serves HTTPS. */
  readonly enableSsl: IResolvable;
  readonly backendPort: number;
  readonly databasePort: number;
  /** TCP ports on the internet that the tasks may connect to. */
  readonly egressPorts: string;
}

/**
 * Who may talk to whom: clients to the load balancer, that to the tasks, those to the database and to
 * a few ports of the internet. Nobody else, and nothing else.
 *
 * Rules are inline, so that Terraform owns all of them and takes back what somebody adds by hand.
 * Ingress names groups and egress names ranges: two groups that name each other would be a cycle.
 * Names and descriptions are those of the groups that exist: changing one would replace the group.
 */
export class SecurityGroups extends Construct {
  public readonly loadBalancerId: string;
  public readonly backendId: string;
  public readonly databaseId: string;

  constructor(scope: Construct, id: string, props: SecurityGroupsProps) {
    super(scope, id);
    const { vpc, ingressCidrs, enableSsl, backendPort, databasePort, egressPorts } = props;

    const privateSubnets = listText(vpc.privateSubnetCidrs);

    const loadBalancer = new SecurityGroup(this, "alb_sg", {
      name: "alb-sg",
      description: "Security group for Application Load Balancer",
      vpcId: vpc.id,
      ingress: expression(
        this,
        `[for port in ${Token.asString(enableSsl)} ? [80, 443] : [80] : ${securityGroupRule({ port: "port", description: "From clients", cidrBlocks: listText(ingressCidrs) })}]`,
      ),
      egress: expression(
        this,
        `[${securityGroupRule({ port: backendPort, description: "To the tasks", cidrBlocks: privateSubnets })}]`,
      ),
      tags: { Name: "ALB Security Group" },
    });
    this.loadBalancerId = loadBalancer.id;

    const backend = new SecurityGroup(this, "backend_sg", {
      name: "backend-sg",
      description: "Security group for backend ECS tasks",
      vpcId: vpc.id,
      ingress: expression(
        this,
        `[${securityGroupRule({ port: backendPort, description: "From the load balancer", securityGroups: `[${loadBalancer.id}]` })}]`,
      ),
      egress: expression(
        this,
        `concat([${securityGroupRule({ port: databasePort, description: "To the database", cidrBlocks: privateSubnets })}], [for port in ${egressPorts} : ${securityGroupRule({ port: "port", description: "To the internet and AWS", cidrBlocks: '["0.0.0.0/0"]' })}])`,
      ),
      tags: { Name: "Backend ECS Security Group" },
    });
    this.backendId = backend.id;

    const database = new SecurityGroup(this, "db_sg", {
      name: "db-sg",
      description: "Security group for RDS database",
      vpcId: vpc.id,
      ingress: expression(
        this,
        `[${securityGroupRule({ port: databasePort, description: "From the tasks", securityGroups: `[${backend.id}]` })}]`,
      ),
      egress: [],
      tags: { Name: "Database Security Group" },
    });
    this.databaseId = database.id;
  }
}
