import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
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

/** Stands for a push: docker is left out. */
export async function putImage(aws: Deployment, architecture: string): Promise<void> {
  await aws.client(ECRClient).send(
    new PutImageCommand({
      repositoryName: "time-series-analyzer-backend",
      imageTag: "latest",
      imageManifestMediaType: "application/vnd.oci.image.index.v1+json",
      imageManifest: JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: `sha256:${"a".repeat(64)}`,
            size: 1,
            platform: { os: "linux", architecture },
          },
        ],
      }),
    }),
  );
}
