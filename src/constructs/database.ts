import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { DataResource, Fn, type IResolvable, Token } from "cdktf";
import { Construct } from "constructs";
import { expression } from "../lib/expression";
import { serviceTrustPolicy } from "../lib/policy-document";
import type { VersionedInput } from "../lib/versioned-input";
import type { Vpc } from "./vpc";

export interface DatabaseProps {
  readonly appName: string;
  readonly accountId: string;
  readonly partition: string;
  readonly vpc: Vpc;
  readonly securityGroupId: string;
  /** RDS instance class, for example `db.t3.micro`. */
  readonly instanceClass: string;
  /** PostgreSQL version. A major version alone follows RDS's minor upgrades; a full one pins it. */
  readonly engineVersion: string;
  /** GiB, from 20 to 65536. */
  readonly allocatedStorage: number;
  /** GiB up to which RDS grows the storage by itself, or 0 for never. */
  readonly maxAllocatedStorage: number;
  readonly storageType: string;
  readonly databaseName: string;
  readonly username: string;
  readonly password: VersionedInput;
  /** TCP port, from 1150 to 65535. */
  readonly port: number;
  readonly multiAz: IResolvable;
  /** Days to keep automated backups, from 0 to 35. */
  readonly backupRetentionPeriod: number;
  /** UTC, `hh:mm-hh:mm`. */
  readonly backupWindow: string;
  /** UTC, `ddd:hh:mm-ddd:hh:mm`. */
  readonly maintenanceWindow: string;
  /** Whether changes that interrupt the database are made at once rather than in the maintenance window. */
  readonly applyImmediately: IResolvable;
  readonly deletionProtection: IResolvable;
  readonly skipFinalSnapshot: IResolvable;
  /** Seconds between two readings of Enhanced Monitoring, or 0 for none. */
  readonly monitoringInterval: number;
  readonly logRetentionInDays: number;
}

/**
 * RDS for PostgreSQL in the private subnets: encrypted at rest and in transit, backed up, and watched.
 *
 * Stateful: docs/decisions/0006-database-lifecycle.md says what keeps its data.
 */
export class Database extends Construct {
  /** The `DBInstanceIdentifier` of its metrics. */
  public readonly identifier: string;
  /** DNS name, without the port. */
  public readonly address: string;
  /** DNS name and port, `address:port`. */
  public readonly endpoint: string;
  public readonly port: number;
  public readonly databaseName: string;
  public readonly username: string;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    const identifier = `${props.appName}-postgres`;

    const subnetGroup = new DbSubnetGroup(this, "db_subnet_group", {
      name: `${props.appName}-db-subnet-group`,
      subnetIds: props.vpc.privateSubnetIds,
      tags: { Name: `${props.appName} DB Subnet Group` },
    });

    const monitoringRole = new IamRole(this, "rds_enhanced_monitoring", {
      name: `${props.appName}-rds-enhanced-monitoring`,
      assumeRolePolicy: serviceTrustPolicy({
        service: "monitoring.rds.amazonaws.com",
        accountId: props.accountId,
      }),
      tags: { Name: `${props.appName} RDS Enhanced Monitoring Role` },
    });
    // In the scope of the role, because both have the same id: it is part of addresses that exist.
    const monitoringPolicy = new IamRolePolicyAttachment(monitoringRole, "rds_enhanced_monitoring", {
      role: monitoringRole.name,
      policyArn: `arn:${props.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole`,
    });

    const majorVersion = Fn.element(Fn.split(".", props.engineVersion), 0);
    const parameterGroup = new DbParameterGroup(this, "postgres_parameters", {
      name: `${props.appName}-postgres${majorVersion}`,
      family: `postgres${majorVersion}`,
      description: `${props.appName}: TLS only, slow statements logged`,
      parameter: [
        { name: "rds.force_ssl", value: "1" },
        // Milliseconds.
        { name: "log_min_duration_statement", value: "1000" },
        { name: "log_lock_waits", value: "1" },
        // Read only at start: on an instance that exists it waits for the next reboot.
        { name: "shared_preload_libraries", value: "pg_stat_statements", applyMethod: "pending-reboot" },
        { name: "pg_stat_statements.track", value: "all" },
      ],
      // A major upgrade moves the instance to the new group before the old one goes.
      lifecycle: { createBeforeDestroy: true },
    });

    // RDS makes this group by itself with the first log line, and then never deletes a line.
    const logGroup = new CloudwatchLogGroup(this, "postgres_logs", {
      name: `/aws/rds/instance/${identifier}/postgresql`,
      retentionInDays: props.logRetentionInDays,
    });

    // A name for the final snapshot that stays the same between plans, and is new for every instance:
    // the snapshot of the last one may still be there.
    const finalSnapshot = new DataResource(this, "final_snapshot", {
      triggersReplace: { identifier, databaseName: props.databaseName, username: props.username },
    });

    const instance = new DbInstance(this, "postgres", {
      identifier,
      engine: "postgres",
      engineVersion: props.engineVersion,
      autoMinorVersionUpgrade: expression(this, `!strcontains(${props.engineVersion}, ".")`),
      instanceClass: props.instanceClass,
      allocatedStorage: props.allocatedStorage,
      maxAllocatedStorage: props.maxAllocatedStorage,
      storageType: props.storageType,
      storageEncrypted: true,
      dbName: props.databaseName,
      username: props.username,
      passwordWo: props.password.value,
      passwordWoVersion: props.password.version,
      port: props.port,
      iamDatabaseAuthenticationEnabled: true,
      parameterGroupName: parameterGroup.name,
      dbSubnetGroupName: subnetGroup.name,
      vpcSecurityGroupIds: [props.securityGroupId],
      publiclyAccessible: false,
      multiAz: props.multiAz,
      backupRetentionPeriod: props.backupRetentionPeriod,
      backupWindow: props.backupWindow,
      maintenanceWindow: props.maintenanceWindow,
      applyImmediately: props.applyImmediately,
      copyTagsToSnapshot: true,
      deletionProtection: props.deletionProtection,
      skipFinalSnapshot: props.skipFinalSnapshot,
      finalSnapshotIdentifier: `${identifier}-final-${Fn.substr(finalSnapshot.id, 0, 8)}`,
      deleteAutomatedBackups: props.skipFinalSnapshot,
      enabledCloudwatchLogsExports: ["postgresql"],
      performanceInsightsEnabled: true,
      monitoringInterval: props.monitoringInterval,
      monitoringRoleArn: Token.asString(
        expression(this, `${props.monitoringInterval} > 0 ? ${monitoringRole.arn} : null`),
      ),
      tags: { Name: `${props.appName} PostgreSQL Database` },
      dependsOn: [logGroup, monitoringPolicy],
    });
    this.identifier = identifier;
    this.address = instance.address;
    this.endpoint = instance.endpoint;
    this.port = instance.port;
    this.databaseName = instance.dbName;
    this.username = instance.username;
  }
}
