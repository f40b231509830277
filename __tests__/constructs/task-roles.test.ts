import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { describe, expect, it } from "vitest";
import { TaskRoles } from "../../src/constructs/task-roles";
import { readHcl } from "../helpers/hcl";
import { ref, synth } from "../helpers/synth";

const template = synth((stack) => {
  new TaskRoles(stack, "task_roles", {
    appName: "web",
    accountId: "123456789012",
    partition: "aws-cn",
    readableSecretArns: ["arn:one", "arn:two"],
    enableExecuteCommand: ref("var.shell"),
  });
});

describe("TaskRoles", () => {
  it.each([
    ["ecs_task_execution_role", "web-ecs-task-execution-role"],
    ["ecs_task_role", "web-ecs-task-role"],
  ])("lend %s to tasks of this account alone", (id, name) => {
    const role = template.resource(IamRole, id);

    expect(role.name).toBe(name);
    expect(readHcl(role.assume_role_policy).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
  });

  it("let ECS pull images and write logs with AWS's own policy, in whatever partition", () => {
    expect(template.resource(IamRolePolicyAttachment)).toMatchObject({
      role: "${aws_iam_role.ecs_task_execution_role.name}",
      policy_arn: "arn:aws-cn:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    });
  });

  it("let ECS read the given secrets, and do nothing else with them", () => {
    const policy = template.resource(IamRolePolicy, "ecs_secrets_policy");

    expect(policy).toMatchObject({
      name: "web-ecs-secrets-policy",
      role: "${aws_iam_role.ecs_task_execution_role.name}",
    });
    expect(readHcl(policy.policy).Statement).toEqual([
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: ["arn:one", "arn:two"] },
    ]);
  });

  it("let the application do nothing, but for the shell where that is allowed", () => {
    const policies = Object.entries(template.resources(IamRolePolicy));
    const ofTask = policies.filter(([, { role }]) => role === "${aws_iam_role.ecs_task_role.name}");

    expect(ofTask.map(([id]) => id)).toEqual(["ecs_exec_policy"]);
    expect(template.resource(IamRolePolicy, "ecs_exec_policy").count).toBe("${var.shell ? 1 : 0}");
  });

  it("let the shell open its channels, four actions in all", () => {
    const policy = readHcl(template.resource(IamRolePolicy, "ecs_exec_policy").policy);

    expect(policy.Statement).toEqual([
      {
        Effect: "Allow",
        Action: [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        Resource: "*",
      },
    ]);
  });
});
