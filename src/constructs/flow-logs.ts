import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { IResolvable } from "cdktf";
import { Construct } from "constructs";
import { countIf, optionalAttribute } from "../lib/expression";
import { policyDocument, serviceTrustPolicy } from "../lib/policy-document";
import type { Vpc } from "./vpc";

export interface FlowLogsProps {
  readonly appName: string;
  readonly accountId: string;
  readonly vpc: Vpc;
  readonly enabled: IResolvable;
  readonly logRetentionInDays: number;
}

/** Who talked to whom in the VPC, accepted and rejected, in a CloudWatch log group. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, props: FlowLogsProps) {
    super(scope, id);
    const count = countIf(this, props.enabled);

    const logGroup = new CloudwatchLogGroup(this, "flow_logs_group", {
      count,
      name: `/vpc/${props.appName}-flow-logs`,
      retentionInDays: props.logRetentionInDays,
    });
    const logGroupArn = optionalAttribute(logGroup, "arn");

    const role = new IamRole(this, "flow_logs_role", {
      count,
      name: `${props.appName}-flow-logs`,
      assumeRolePolicy: serviceTrustPolicy({
        service: "vpc-flow-logs.amazonaws.com",
        accountId: props.accountId,
      }),
    });
    new IamRolePolicy(this, "flow_logs_policy", {
      count,
      name: "write-flow-logs",
      role: optionalAttribute(role, "name"),
      policy: policyDocument(
        {
          Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
          Resource: [logGroupArn, `${logGroupArn}:*`],
        },
        // Asked about all groups at once.
        // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
        { Action: "logs:DescribeLogGroups", Resource: "*" },
      ),
    });

    new FlowLog(this, "flow_logs", {
      count,
      vpcId: props.vpc.id,
      trafficType: "ALL",
      logDestination: logGroupArn,
      iamRoleArn: optionalAttribute(role, "arn"),
      tags: { Name: `${props.appName}-flow-logs` },
    });
  }
}
