import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { wholeStack } from "../helpers/synth";

const stack = wholeStack();
const LOG_GROUP_ARN = "${one(aws_cloudwatch_log_group.flow_logs_group[*].arn)}";

describe("FlowLogs", () => {
  it.each([
    ["log", FlowLog, "flow_logs"],
    ["log group", CloudwatchLogGroup, "flow_logs_group"],
    ["role", IamRole, "flow_logs_role"],
    ["policy", IamRolePolicy, "flow_logs_policy"],
  ])("has a %s only where the setting is on", (_what, type, id) => {
    expect(stack.resource(type, id).count).toBe("${local.enable_flow_logs ? 1 : 0}");
  });

  it("records all traffic of the VPC, rejected and accepted", () => {
    expect(stack.resource(FlowLog)).toMatchObject({
      vpc_id: "${aws_vpc.time_series_vpc.id}",
      traffic_type: "ALL",
      log_destination: LOG_GROUP_ARN,
      iam_role_arn: "${one(aws_iam_role.flow_logs_role[*].arn)}",
    });
  });

  it("keeps the records as long as other logs", () => {
    expect(stack.resource(CloudwatchLogGroup, "flow_logs_group")).toMatchObject({
      name: "/vpc/${var.app_name}-flow-logs",
      retention_in_days: "${var.log_retention_in_days}",
    });
  });

  it("may write to its own log group alone, and look for groups", () => {
    const policy = stack.resource(IamRolePolicy, "flow_logs_policy");

    expect(policy.role).toBe("${one(aws_iam_role.flow_logs_role[*].name)}");
    expect(readHcl(policy.policy).Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        Resource: [LOG_GROUP_ARN, `${LOG_GROUP_ARN}:*`],
      },
      { Effect: "Allow", Action: "logs:DescribeLogGroups", Resource: "*" },
    ]);
  });

  it("lends its role to the flow log service", () => {
    const trust = readHcl(stack.resource(IamRole, "flow_logs_role").assume_role_policy);

    expect(trust.Statement).toMatchObject([{ Principal: { Service: "vpc-flow-logs.amazonaws.com" } }]);
  });
});
