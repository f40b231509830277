import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import type { CheckResult } from "../../ops/doctor/check-result";
import type { Deployment } from "./deployment";
import { ops } from "./ops-cli";

/** As a user keeps them: in the project's root, with the link that synthesis makes. */
export async function writeValues(aws: Deployment): Promise<void> {
  const file = path.join(aws.root, "terraform.tfvars");
  await writeFile(
    file,
    `
    environment        = "prod"
    db_password        = "a-password-of-production"
    api_key            = "a-key-of-production"
    single_nat_gateway = true
    # The provider takes seconds for its rules in each command, and production.e2e has one.
    enable_waf         = false
    `,
  );
  await symlink(file, path.join(aws.directory, "terraform.tfvars"));
}

export async function databases(aws: Deployment) {
  return (await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
}

/** What `ops doctor` finds. */
export async function checks(aws: Deployment): Promise<CheckResult[]> {
  const { stdout } = await ops(aws, ["doctor", "--json"]);
  return (JSON.parse(stdout) as { checks: CheckResult[] }).checks;
}

/** Of that, what AWS has and the state lacks. */
export async function unmanaged(aws: Deployment): Promise<CheckResult[]> {
  return (await checks(aws)).filter(({ name }) => name === "not in the state");
}
