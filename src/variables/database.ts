import type { Construct } from "constructs";
import { optionalVariable, secretVariable, variable } from "./define";
import { matching, oneOf, wholeNumber } from "./rules";

/** The RDS instance. */
export function databaseVariables(scope: Construct) {
  return {
    instanceClass: variable(scope, "db_instance_class", "string", {
      description: "RDS instance class.",
      default: "db.t3.micro",
      rules: [
        matching(
          "db_instance_class",
          "db\\.[a-z0-9]+\\.[a-z0-9]+",
          "an RDS instance class, for example db.t3.micro",
        ),
      ],
    }).stringValue,

    engineVersion: variable(scope, "db_engine_version", "string", {
      description:
        "PostgreSQL version. A major version alone (15) takes the newest minor and its automatic upgrades; a full one (15.14) pins it.",
      default: "15",
      rules: [
        matching(
          "db_engine_version",
          "1[3-9](\\.[0-9]{1,2})?",
          "a PostgreSQL version from 13 on, for example 15 or 15.14",
        ),
      ],
    }).stringValue,

    allocatedStorage: variable(scope, "db_allocated_storage", "number", {
      description: "Storage in GiB, from 20 to 65536.",
      default: 20,
      rules: [wholeNumber("db_allocated_storage", 20, 65536, "GiB")],
    }).numberValue,

    maxAllocatedStorage: variable(scope, "db_max_allocated_storage", "number", {
      description:
        "GiB up to which RDS grows the storage by itself: at least 10 % more than db_allocated_storage, or 0 to switch growth off.",
      default: 100,
      rules: [
        {
          condition:
            "${var.db_max_allocated_storage == 0 || (var.db_max_allocated_storage >= var.db_allocated_storage * 1.1 && var.db_max_allocated_storage <= 65536 && var.db_max_allocated_storage == floor(var.db_max_allocated_storage))}",
          errorMessage:
            "db_max_allocated_storage must be 0 (off) or a whole number from ${ceil(var.db_allocated_storage * 1.1)} (10 % above db_allocated_storage) to 65536 GiB, got ${var.db_max_allocated_storage}.",
        },
      ],
    }).numberValue,

    storageType: variable(scope, "db_storage_type", "string", {
      description: "Storage type: gp3, or gp2.",
      default: "gp3",
      rules: [oneOf("db_storage_type", ["gp3", "gp2"])],
    }).stringValue,

    name: variable(scope, "db_name", "string", {
      description: "Name of the database. Changing it later replaces the instance.",
      default: "time_series_db",
      rules: [
        matching(
          "db_name",
          "[A-Za-z][A-Za-z0-9_]{0,62}",
          "1 to 63 letters, digits and underscores that start with a letter",
        ),
      ],
    }).stringValue,

    username: variable(scope, "db_username", "string", {
      description: "Master user. Changing it later replaces the instance.",
      default: "postgres",
      rules: [
        matching(
          "db_username",
          "[A-Za-z][A-Za-z0-9_]{0,15}",
          "1 to 16 letters, digits and underscores that start with a letter",
        ),
        {
          condition: '${!can(regex("^(admin$|rds|pg_)", lower(var.db_username)))}',
          errorMessage:
            'db_username must not be admin nor start with rds or pg_, which PostgreSQL and RDS reserve, got "${var.db_username}".',
        },
      ],
    }).stringValue,

    password: secretVariable(scope, "db_password", {
      description:
        "Password of the master user: 8 to 128 printable ASCII characters except / @ \" ' and space. Required.",
      rules: [
        {
          condition: '${can(regex("^[!#-&(-.0-?A-~]{8,128}$", var.db_password))}',
          errorMessage:
            "db_password must have 8 to 128 printable ASCII characters, without / @ \" ' and space.",
        },
      ],
    }),

    passwordVersion: variable(scope, "db_password_version", "number", {
      description: "Raise it by one to give the database a changed db_password and roll the tasks onto it.",
      default: 1,
      rules: [wholeNumber("db_password_version", 1, 1_000_000)],
    }).numberValue,

    port: variable(scope, "db_port", "number", {
      description: "TCP port of the database, from 1150 to 65535.",
      default: 5432,
      rules: [wholeNumber("db_port", 1150, 65535)],
    }).numberValue,

    multiAz: optionalVariable(scope, "db_multi_az", "bool", {
      description: "Keep a standby in a second zone. Default: on in staging and prod.",
    }),

    backupRetentionPeriod: variable(scope, "db_backup_retention_period", "number", {
      description: "Days to keep automated backups, from 0 (none) to 35.",
      default: 7,
      rules: [wholeNumber("db_backup_retention_period", 0, 35, "days")],
    }).numberValue,

    backupWindow: variable(scope, "db_backup_window", "string", {
      description: "Daily time of the backup in UTC, at least 30 minutes, outside the maintenance window.",
      default: "03:00-04:00",
      rules: [matching("db_backup_window", `${TIME}-${TIME}`, "a time in UTC, hh:mm-hh:mm")],
    }).stringValue,

    maintenanceWindow: variable(scope, "db_maintenance_window", "string", {
      description: "Weekly time of maintenance in UTC, at least 30 minutes.",
      default: "sun:04:00-sun:05:00",
      rules: [
        matching(
          "db_maintenance_window",
          `${DAY}:${TIME}-${DAY}:${TIME}`,
          "a time in UTC, ddd:hh:mm-ddd:hh:mm",
        ),
      ],
    }).stringValue,

    applyImmediately: optionalVariable(scope, "db_apply_immediately", "bool", {
      description:
        "Make changes that interrupt the database at once instead of in the maintenance window. Default: on in dev.",
    }),

    deletionProtection: optionalVariable(scope, "db_deletion_protection", "bool", {
      description: "Refuse to delete the database. Default: on in staging and prod.",
    }),

    skipFinalSnapshot: optionalVariable(scope, "db_skip_final_snapshot", "bool", {
      description: "Take no last snapshot when the database is deleted. Default: on in dev.",
    }),

    monitoringInterval: variable(scope, "db_monitoring_interval", "number", {
      description:
        "Seconds between two readings of Enhanced Monitoring: 1, 5, 10, 15, 30 or 60, or 0 for none.",
      default: 60,
      rules: [oneOf("db_monitoring_interval", [0, 1, 5, 10, 15, 30, 60])],
    }).numberValue,
  };
}

const TIME = "([01][0-9]|2[0-3]):[0-5][0-9]";
const DAY = "(mon|tue|wed|thu|fri|sat|sun)";
