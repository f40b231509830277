import {
  type OrderableDBInstanceOption,
  paginateDescribeOrderableDBInstanceOptions,
  RDSClient,
} from "@aws-sdk/client-rds";
import { awsClient } from "../aws-client";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";

/**
 * Whether RDS offers the instance class with the PostgreSQL version and the storage in the region.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
 */
export async function checkDatabaseOffer(subject: Subject): Promise<readonly CheckResult[]> {
  const name = "database";
  const { values, signal } = subject;
  const { db_instance_class: instanceClass, db_engine_version: version, db_storage_type: storage } = values;
  const region = values.aws_region;
  const wanted = `${instanceClass} with PostgreSQL ${version} and ${storage}`;
  return askAws(name, subject, async () => {
    const offers = await offersOf(instanceClass, region, signal);
    const fitting = offers.filter(
      ({ EngineVersion = "", StorageType, MultiAZCapable }) =>
        (EngineVersion === version || EngineVersion.startsWith(`${version}.`)) &&
        StorageType === storage &&
        (MultiAZCapable || !values.db_multi_az),
    );
    if (fitting.length > 0) {
      const versions = versionsOf(fitting);
      const newest = versions.at(-1) === version ? "" : `, the newest ${versions.at(-1)}`;
      return { name, status: "ok", detail: `RDS offers ${wanted} in ${region}${newest}.` };
    }
    if (offers.length === 0) {
      return {
        name,
        status: "problem",
        detail: `RDS does not offer ${instanceClass} for PostgreSQL in ${region}.`,
        remedy: `Choose another db_instance_class: aws rds describe-orderable-db-instance-options --region ${region} --engine postgres --query "OrderableDBInstanceOptions[].DBInstanceClass" --output text`,
      };
    }
    return {
      name,
      status: "problem",
      detail: `RDS does not offer ${wanted}${values.db_multi_az ? " and a standby" : ""} in ${region}.`,
      remedy: `Change db_engine_version, db_storage_type or db_instance_class. For this class there are: ${versionsOf(offers).join(", ")}.`,
    };
  });
}

async function offersOf(instanceClass: string, region: string, signal: AbortSignal) {
  const offers: OrderableDBInstanceOption[] = [];
  for await (const page of paginateDescribeOrderableDBInstanceOptions(
    { client: awsClient(RDSClient, region) },
    { Engine: "postgres", DBInstanceClass: instanceClass, Vpc: true, MaxRecords: 100 },
  )) {
    signal.throwIfAborted();
    offers.push(...(page.OrderableDBInstanceOptions ?? []));
  }
  return offers;
}

function versionsOf(offers: readonly OrderableDBInstanceOption[]): string[] {
  return [...new Set(offers.map(({ EngineVersion = "" }) => EngineVersion))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
}
