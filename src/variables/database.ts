import type { Construct } from "constructs";
import { DB_INSTANCE_CLASS, DB_INSTANCE_CLASS_TOO_OLD } from "../lib/db-instance-class";
import { MAJOR_VERSIONS, POSTGRES_VERSION } from "../lib/postgres-version";
import { SQL_RESERVED_WORDS } from "../lib/sql-words";
import { DAILY_WINDOW, dailyMinutes, WEEKLY_WINDOW, weeklyMinutes, windowsOverlap } from "../lib/time-window";
import { ENVIRONMENTS, PROFILES } from "../profiles";
import { optionalVariable, type Rule, secretVariable, variable } from "./define";
import { matches, matching, noPlaceholder, oneOf, wholeNumber } from "./rules";

/** The RDS instance. */
export function databaseVariables(scope: Construct) {
  const password = secretVariable(scope, "db_password", {
    description:
      "Password of the master user: 8 to 128 printable ASCII characters except / @ \" ' and space. Required.",
    versionDescription:
      "Raise it by one to give the database a changed db_password and roll the tasks onto it.",
    rules: [
      {
        holds: 'can(regex("^[!#-&(-.0-?A-~]*$", var.db_password))',
        must: "hold printable ASCII characters only, without / @ \" ' and space",
      },
      {
        holds: "length(var.db_password) >= 8 && length(var.db_password) <= 128",
        must: "have 8 to 128 characters",
      },
      noPlaceholder("db_password"),
    ],
  });

  return {
    instanceClass: variable(scope, "db_instance_class", "string", {
      description: "RDS instance class.",
      default: "db.t3.micro",
      rules: [
        {
          holds: `!${matches("var.db_instance_class", DB_INSTANCE_CLASS_TOO_OLD)}`,
          must: "be of a family that runs PostgreSQL 13 or newer, such as t3, t4g, m7g or r7g",
        },
        matching(
          "db_instance_class",
          DB_INSTANCE_CLASS,
          "be an RDS instance class for PostgreSQL, for example db.t3.micro or db.m7g.large",
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
          POSTGRES_VERSION,
          `be a PostgreSQL version that RDS has, ${MAJOR_VERSIONS.join(", ")}, alone or with a minor version such as 15.14`,
          "Put it in quotes: without them Terraform reads 15.10 as 15.1.",
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
          holds:
            "var.db_max_allocated_storage == floor(var.db_max_allocated_storage) && var.db_max_allocated_storage >= 0 && var.db_max_allocated_storage <= 65536",
          must: "be a whole number of GiB up to 65536, or 0 to switch growth off",
        },
        {
          // Multiplied by whole numbers, because 1.1 is none in binary.
          holds:
            "var.db_max_allocated_storage == 0 || var.db_max_allocated_storage * 10 >= var.db_allocated_storage * 11",
          must: "be at least ${ceil(var.db_allocated_storage * 11 / 10)} GiB, 10 % more than db_allocated_storage (${var.db_allocated_storage}), or 0 to switch growth off",
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
          "be 1 to 63 letters, digits and underscores that start with a letter",
        ),
        notReserved("db_name", "(template0|template1|rdsadmin)", "template0, template1 and rdsadmin"),
      ],
    }).stringValue,

    username: variable(scope, "db_username", "string", {
      description: "Master user. Changing it later replaces the instance.",
      default: "postgres",
      rules: [
        matching(
          "db_username",
          "[A-Za-z][A-Za-z0-9_]{0,15}",
          "be 1 to 16 letters, digits and underscores that start with a letter",
        ),
        notReserved("db_username", "(admin|public|none|(rds|pg_).*)", "admin, public, none, rds… and pg_…"),
      ],
    }).stringValue,

    password: password.secret,
    passwordVersion: password.version.numberValue,

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
      rules: [
        matching("db_backup_window", DAILY_WINDOW, "be a time in UTC, hh:mm-hh:mm"),
        { holds: `${dailyMinutes("var.db_backup_window")} >= 30`, must: "last at least 30 minutes" },
      ],
    }).stringValue,

    maintenanceWindow: variable(scope, "db_maintenance_window", "string", {
      description: "Weekly time of maintenance in UTC, at least 30 minutes.",
      default: "sun:04:00-sun:05:00",
      rules: [
        matching(
          "db_maintenance_window",
          WEEKLY_WINDOW,
          "be a time in UTC, ddd:hh:mm-ddd:hh:mm, with the days sun mon tue wed thu fri sat",
        ),
        { holds: `${weeklyMinutes("var.db_maintenance_window")} >= 30`, must: "last at least 30 minutes" },
        {
          holds: `!${windowsOverlap("var.db_backup_window", "var.db_maintenance_window")}`,
          must: "not overlap db_backup_window (${var.db_backup_window}, every day)",
          remedy: "Move one of the two.",
        },
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
      rules: [
        {
          holds: `!(var.db_skip_final_snapshot && ${PROTECTS_DATABASE})`,
          must: "be false while db_deletion_protection is on in ${var.environment}",
          remedy: "Leave it out, or set db_deletion_protection = false too to give the data up.",
        },
      ],
    }),

    monitoringInterval: variable(scope, "db_monitoring_interval", "number", {
      description:
        "Seconds between two readings of Enhanced Monitoring: 1, 5, 10, 15, 30 or 60, or 0 for none.",
      default: 60,
      rules: [oneOf("db_monitoring_interval", [0, 1, 5, 10, 15, 30, 60])],
    }).numberValue,
  };
}

/** Whether staging and prod keep the database from being deleted. What dev does is its own affair. */
const PROTECTS_DATABASE = `contains(${JSON.stringify(
  ENVIRONMENTS.filter((environment) => PROFILES[environment].db_deletion_protection),
)}, var.environment) && coalesce(var.db_deletion_protection, true)`;

/** A name that is neither a word of SQL nor taken. */
function notReserved(name: string, taken: string, takenText: string): Rule {
  return {
    holds: `!contains(${JSON.stringify(SQL_RESERVED_WORDS)}, lower(var.${name})) && !${matches(`lower(var.${name})`, taken)}`,
    must: `be neither a reserved word of SQL nor one of ${takenText}, which PostgreSQL and RDS keep for themselves`,
  };
}
