import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { DataResource } from "cdktf";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { type Block, wholeStack } from "../helpers/synth";

const stack = wholeStack();
const instance = stack.resource(DbInstance);

describe("Database", () => {
  it("is PostgreSQL 15, of the newest minor version unless one is pinned", () => {
    expect(instance).toMatchObject({
      engine: "postgres",
      engine_version: "${var.db_engine_version}",
      auto_minor_version_upgrade: '${!strcontains(var.db_engine_version, ".")}',
    });
    expect(stack.json.variable.db_engine_version.default).toBe("15");
  });

  it("encrypts its storage", () => {
    expect(instance.storage_encrypted).toBe(true);
  });

  it("is out of reach of the internet: in the private subnets, behind its security group", () => {
    expect(instance).toMatchObject({
      publicly_accessible: false,
      db_subnet_group_name: "${aws_db_subnet_group.db_subnet_group.name}",
      vpc_security_group_ids: ["${aws_security_group.db_sg.id}"],
    });
    expect(stack.resource(DbSubnetGroup)).toMatchObject({
      name: "${var.app_name}-db-subnet-group",
      subnet_ids: "${aws_subnet.private_subnets[*].id}",
    });
  });

  it("gets its password without keeping it in the state", () => {
    expect(instance).toMatchObject({
      username: "${var.db_username}",
      password_wo: "${var.db_password}",
      password_wo_version: "${var.db_password_version}",
      iam_database_authentication_enabled: true,
    });
    expect(instance).not.toHaveProperty("password");
  });

  it.each([
    ["identifier", "${var.app_name}-postgres"],
    ["instance_class", "${var.db_instance_class}"],
    ["allocated_storage", "${var.db_allocated_storage}"],
    ["max_allocated_storage", "${var.db_max_allocated_storage}"],
    ["storage_type", "${var.db_storage_type}"],
    ["db_name", "${var.db_name}"],
    ["port", "${var.db_port}"],
    ["backup_retention_period", "${var.db_backup_retention_period}"],
    ["backup_window", "${var.db_backup_window}"],
    ["maintenance_window", "${var.db_maintenance_window}"],
    ["monitoring_interval", "${var.db_monitoring_interval}"],
    ["multi_az", "${local.db_multi_az}"],
    ["apply_immediately", "${local.db_apply_immediately}"],
    ["deletion_protection", "${local.db_deletion_protection}"],
    ["skip_final_snapshot", "${local.db_skip_final_snapshot}"],
  ])("has %s %s", (argument, value) => {
    expect(instance[argument]).toBe(value);
  });

  it("is stored on gp3 by default, and backed up for a week", () => {
    expect(stack.json.variable).toMatchObject({
      db_storage_type: { default: "gp3" },
      db_backup_retention_period: { default: 7 },
    });
  });

  it("keeps automated backups after deletion where it keeps a final snapshot", () => {
    expect(instance.delete_automated_backups).toBe(instance.skip_final_snapshot);
  });

  it("tags its snapshots", () => {
    expect(instance.copy_tags_to_snapshot).toBe(true);
  });

  it("names the final snapshot the same in every plan, and anew for every instance", () => {
    expect(instance.final_snapshot_identifier).toBe(
      "${var.app_name}-postgres-final-${substr(terraform_data.final_snapshot.id, 0, 8)}",
    );
    expect(Object.values(stack.resource(DataResource, "final_snapshot").triggers_replace).sort()).toEqual([
      "${var.app_name}-postgres",
      "${var.db_name}",
      "${var.db_username}",
    ]);
  });

  describe("parameters", () => {
    const group = stack.resource(DbParameterGroup);
    const parameters = new Map<string, Block>(
      group.parameter.map(({ name, ...rest }: Block) => [name, rest] as const),
    );

    it.each([
      ["rds.force_ssl", { value: "1" }],
      ["log_min_duration_statement", { value: "1000" }],
      ["log_lock_waits", { value: "1" }],
      ["shared_preload_libraries", { value: "pg_stat_statements", apply_method: "pending-reboot" }],
      ["pg_stat_statements.track", { value: "all" }],
    ])("set %s", (name, expected) => {
      expect(parameters.get(name)).toEqual(expected);
    });

    it("are in the instance's own group", () => {
      expect(instance.parameter_group_name).toBe("${aws_db_parameter_group.postgres_parameters.name}");
    });

    it("follow the major version, and the new group is there before the old one goes", () => {
      const major = '${element(split(".", var.db_engine_version), 0)}';

      expect(group).toMatchObject({
        family: `postgres${major}`,
        name: `\${var.app_name}-postgres${major}`,
        lifecycle: { create_before_destroy: true },
      });
    });
  });

  describe("monitoring", () => {
    it("sends PostgreSQL's log to CloudWatch, kept as long as other logs", () => {
      expect(instance.enabled_cloudwatch_logs_exports).toEqual(["postgresql"]);
      expect(stack.resource(CloudwatchLogGroup, "postgres_logs")).toMatchObject({
        name: `/aws/rds/instance/${instance.identifier}/postgresql`,
        retention_in_days: "${var.log_retention_in_days}",
      });
    });

    it("makes the log group before RDS would make one that is kept for ever", () => {
      expect(instance.depends_on).toContain("aws_cloudwatch_log_group.postgres_logs");
    });

    it("has Performance Insights on", () => {
      expect(instance.performance_insights_enabled).toBe(true);
    });

    it("names the role of Enhanced Monitoring only where that is on", () => {
      expect(instance.monitoring_role_arn).toBe(
        "${var.db_monitoring_interval > 0 ? aws_iam_role.rds_enhanced_monitoring.arn : null}",
      );
      expect(instance.depends_on).toContain("aws_iam_role_policy_attachment.rds_enhanced_monitoring");
      expect(stack.json.variable.db_monitoring_interval.default).toBe(60);
    });

    it("lends that role to Enhanced Monitoring, with AWS's own policy and no other", () => {
      const role = stack.resource(IamRole, "rds_enhanced_monitoring");

      expect(readHcl(role.assume_role_policy).Statement).toMatchObject([
        { Principal: { Service: "monitoring.rds.amazonaws.com" } },
      ]);
      expect(stack.resource(IamRolePolicyAttachment, "rds_enhanced_monitoring")).toMatchObject({
        role: "${aws_iam_role.rds_enhanced_monitoring.name}",
        policy_arn:
          "arn:${data.aws_partition.partition.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
      });
    });
  });
});
