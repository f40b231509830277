import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import type { IResolvable, ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { countIf } from "../lib/expression";
import { policyDocument, serviceTrustPolicy } from "../lib/policy-document";

export interface TaskRolesProps {
  readonly appName: string;
  readonly accountId: string;
  readonly partition: string;
  /** Secrets that the container's definition names. */
  readonly readableSecretArns: readonly string[];
  readonly enableExecuteCommand: IResolvable;
}

/**
 * The two roles of a task. ECS uses the execution role to start it: to pull the image, read the
 * secrets, and write the log. The application has the task role, which allows nothing by itself.
 */
export class TaskRoles extends Construct {
  public readonly executionRoleArn: string;
  public readonly taskRoleArn: string;
  /** What must be there before a task may start. */
  public readonly policies: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: TaskRolesProps) {
    super(scope, id);
    const { appName } = props;
    const assumeRolePolicy = serviceTrustPolicy({
      service: "ecs-tasks.amazonaws.com",
      accountId: props.accountId,
    });

    const executionRole = new IamRole(this, "ecs_task_execution_role", {
      name: `${appName}-ecs-task-execution-role`,
      assumeRolePolicy,
      tags: { Name: `${appName} ECS Task Execution Role` },
    });
    this.executionRoleArn = executionRole.arn;

    const managedPolicy = new IamRolePolicyAttachment(this, "ecs_task_execution_role_policy", {
      role: executionRole.name,
      policyArn: `arn:${props.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy`,
    });
    const secretsPolicy = new IamRolePolicy(this, "ecs_secrets_policy", {
      name: `${appName}-ecs-secrets-policy`,
      role: executionRole.name,
      policy: policyDocument({
        Action: "secretsmanager:GetSecretValue",
        Resource: props.readableSecretArns,
      }),
    });
    this.policies = [managedPolicy, secretsPolicy];

    const taskRole = new IamRole(this, "ecs_task_role", {
      name: `${appName}-ecs-task-role`,
      assumeRolePolicy,
      tags: { Name: `${appName} ECS Task Role` },
    });
    this.taskRoleArn = taskRole.arn;

    new IamRolePolicy(this, "ecs_exec_policy", {
      count: countIf(this, props.enableExecuteCommand),
      name: `${appName}-ecs-exec-policy`,
      role: taskRole.name,
      // These actions know no resource to limit them to.
      // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
      policy: policyDocument({
        Action: [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        Resource: "*",
      }),
    });
  }
}
