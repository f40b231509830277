import {
  appendFile,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { CloudFrontClient, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localDirectory, projectRoot } from "../../local/workspace";
import { OLDER_FRONTEND, writeOlderStack } from "../helpers/older-stack";
import { cloneProject } from "./clone";
import { closingSteps } from "./closing-steps";
import { startDeployment, type Deployment } from "./deployment";

// The real command, on a clone of this project, over a deployment of the older stack in the emulator.

const SECRETS = ["an#old+database$password", "an-old-api-key"];
const TFVARS = `# Kept by hand since 2023
db_password = "${SECRETS[0]}"
api_key     = "${SECRETS[1]}" # for the partners
aws_region  = "us-west-2"
`;
const STATE = "terraform.time-series-analyzer.tfstate";
const BUCKET = "a-bucket-for-states";
const SITE = "time-series-analyzer-frontend-bucket-dev";

let aws: Deployment;
let root: string;
/** The older project: its Terraform files are in `infrastructure/`. */
let older: string;
let clone: string;
/** What it held before any command ran. */
let cloned: string[];
/** Its files as they were before any command ran. */
let originals: Map<string, string>;
/** The distribution of its frontend, as people know it. */
let distribution: { readonly id: string; readonly domainName: string };

beforeAll(async () => {
  aws = await startDeployment();
  await aws.terraform.init();

  await mkdir(localDirectory, { recursive: true });
  root = await mkdtemp(path.join(localDirectory, "clone-"));
  older = path.join(root, "older");
  clone = path.join(root, "this");
  await cloneProject(clone);
  cloned = await readdir(clone);
  await applyOlderProject();
  originals = await filesIn(older);
});

afterAll(async () => {
  await aws?.remove();
  if (root) await rm(root, { recursive: true, force: true });
});

describe("npm run adopt", () => {
  it("tries without writing: --dry-run gives the verdict, here as JSON", async () => {
    const { exitCode, stdout } = await adopt(older, "--dry-run", "--json");
    const result = JSON.parse(stdout);

    expect(exitCode).toBe(0);
    expect(result.verdict).toMatchObject({ good: true, counts: { replaced: 0, destroyed: 0, revisions: 1 } });
    expect(result.written).toEqual([]);
    expect(await filesOfUser()).toEqual([]);
  });

  it("names first what would be lost, causes before what follows from them, and writes nothing", async () => {
    const project = await copyOfOlder("changed", (state) => {
      Object.assign(attributesOf(state, "aws_ecs_cluster"), {
        id: "arn:aws:ecs:us-west-2:999999999999:cluster/elsewhere",
        name: "elsewhere",
      });
    });
    const values = path.join(root, "other.tfvars");
    await writeFile(values, 'vpc_cidr = "10.0.0.0/17"\n');
    const { exitCode, stdout } = await adopt(project, "--var-file", values);
    const [, losses = ""] = stdout.split("What would be lost\n");

    expect(exitCode).toBe(2);
    expect(stdout).toContain("This deployment cannot be taken over as it is");
    expect(losses.split("\n").slice(0, 3)).toEqual([
      "  aws_vpc.time_series_vpc would be replaced: cidr_block differs from the state (10.0.0.0/16, the values give 10.0.0.0/17): look at vpc_cidr",
      expect.stringContaining("aws_ecs_cluster.app_cluster would be made again: in the state but not in AWS"),
      expect.stringContaining("aws_ecs_service.backend_service would be replaced: its cluster would change"),
    ]);
    expect(losses).toContain(
      "aws_security_group.db_sg would be replaced: its vpc_id would change with another resource",
    );
    expect(await filesOfUser()).toEqual([]);
  });

  it("names a resource that it does not know, which Terraform would destroy", async () => {
    const project = await copyOfOlder("with-reports", (state) => {
      state.resources.push({
        ...resourceOf(state, "aws_ecr_repository"),
        type: "aws_s3_bucket",
        name: "reports",
      });
    });
    const { exitCode, stderr } = await adopt(project);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("so Terraform would destroy it:\n\n  aws_s3_bucket.reports\n");
    expect(await filesOfUser()).toEqual([]);
  });

  it("says what is wrong with the values before it tries", async () => {
    const project = await copyOfOlder("with-a-slip", () => undefined);
    await appendFile(path.join(project, "terraform.tfvars"), "backend_desired_cuont = 2\n");
    const { exitCode, stderr } = await adopt(project);

    expect(exitCode).toBe(1);
    expect(stderr).toContain("terraform.tfvars:5: error: backend_desired_cuont is no variable");
    expect(stderr).toContain("Did you mean backend_desired_count?");
  });

  it("overwrites nothing", async () => {
    const mine = path.join(clone, "terraform.tfvars");
    await writeFile(mine, 'app_name = "mine"\n');
    const { exitCode, stderr } = await adopt(older);

    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${mine} is in the way, and nothing is overwritten`);
    expect(stderr).toContain("mv terraform.tfvars terraform.tfvars.before");
    expect(await readFile(mine, "utf8")).toBe('app_name = "mine"\n');
    await rm(mine);
    expect(await filesOfUser()).toEqual([]);
  });

  it("pulls a state out of the older project's own backend, and pushes it to the one that is asked for", async () => {
    const project = await remoteProject();
    const before = await filesIn(project);
    const { exitCode, stdout, stderr } = await run("npm", ["run", "adopt", "--", project], {
      STATE_BUCKET: BUCKET,
      STATE_KEY: "new.tfstate",
    });

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain(`State      the state in the backend (s3) of ${project}`);
    expect(stdout).toContain(`STATE_BUCKET=${BUCKET} STATE_KEY=new.tfstate npx cdktf deploy`);
    const [old, pushed] = [await stateIn("old.tfstate"), await stateIn("new.tfstate")];
    expect(pushed.resources.map(({ type, name }) => `${type}.${name}`)).toEqual(
      old.resources.map(({ type, name }) => `${type}.${name}`),
    );
    expect(attributesOf(pushed, "aws_ecs_task_definition")).toMatchObject({ skip_destroy: true });
    expect(await filesIn(project)).toEqual(before);
    expect(await filesOfUser()).toEqual(["terraform.tfvars"]);
    expect(await readFile(path.join(clone, "terraform.tfvars"), "utf8")).toBe(TFVARS);
    await rm(path.join(clone, "terraform.tfvars"));
  });

  it("says so where the older project's backend is not initialized", async () => {
    const project = path.join(root, "uninitialized");
    await mkdir(project);
    await writeFile(path.join(project, "main.tf"), 'terraform {\n  backend "s3" {}\n}\n');
    const { exitCode, stderr } = await adopt(project);

    expect(exitCode).toBe(1);
    expect(stderr).toContain('is not initialized: run "terraform init" there first');
  });
});

describe("a deployment with the frontend of newer ones", () => {
  beforeAll(async () => {
    await hostFrontend();
    originals = await filesIn(older);
    const [only, ...others] = await distributions();
    if (!only || others.length > 0) throw new Error("expected one distribution");
    distribution = only;
  });

  it("is not taken over while its values say that there is no frontend: the site would go", async () => {
    const values = path.join(root, "hosting-off.tfvars");
    await writeFile(values, "enable_frontend_hosting = false\n");
    const { exitCode, stdout } = await adopt(older, "--var-file", values);

    expect(exitCode).toBe(2);
    for (const lost of [
      "aws_cloudfront_distribution.frontend_distribution",
      "aws_s3_bucket.frontend_bucket",
    ]) {
      expect(stdout).toMatch(
        new RegExp(`^  ${lost}\\S* would be destroyed: .*enable_frontend_hosting$`, "m"),
      );
    }
    expect(await filesOfUser()).toEqual([]);
  });
});

describe("a deployment that npm run adopt has taken over, frontend and all", () => {
  let verdict: string;
  /** What the deployment asked of AWS, in order. */
  let requests: string[];

  beforeAll(async () => {
    const { exitCode, stdout } = await adopt(older);
    expect(exitCode).toBe(0);
    verdict = stdout;
  });

  it("gets a verdict to act on: what stays, what changes and why, what comes next", async () => {
    const { DBInstances } = await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}));
    const { Address, Port } = DBInstances?.[0]?.Endpoint ?? {};

    expect(verdict).toContain("can be taken over: nothing is replaced, nothing is destroyed.");
    expect(verdict).toMatch(
      /0 replaced, 0 destroyed, \d+ changed in place, \d+ unchanged, \d+ added, 1 new revision, 3 forgotten/,
    );
    expect(verdict).toMatch(/^ {2}VPC +vpc-\w+$/m);
    expect(verdict).toMatch(/^ {2}Elastic IP address +\d+\.\d+\.\d+\.\d+$/m);
    expect(verdict).toMatch(/^ {2}Load balancer DNS name +time-series-analyzer-alb\S+$/m);
    expect(verdict).toMatch(new RegExp(`^ {2}Bucket +${SITE}$`, "m"));
    expect(verdict).toMatch(new RegExp(`^ {2}CloudFront domain name +${distribution.domainName}$`, "m"));
    expect(verdict).toMatch(/^ {2}Added +enable_frontend_hosting = true$/m);
    expect(verdict).toContain(
      "policy of aws_s3_bucket_policy.frontend_bucket_policy: Only this distribution reads the files",
    );
    expect(verdict).toContain(`${Address}:${Port}`);
    expect(verdict).toContain("password of aws_db_instance.postgres: The password leaves the state.");
    expect(verdict).not.toContain("Your values, or changes made by hand in AWS.");
    expect(verdict).toContain('To put it off, set db_engine_version = "15.4"');
    expect(verdict).toContain("Tasks reach the internet on port 443 only");
    expect(verdict).toMatch(/^Go on with\n {2}npx cdktf deploy$/m);
  });

  it("has its values and its state in this project, for this user's eyes only", async () => {
    const { state, values } = {
      state: path.join(clone, STATE),
      values: path.join(clone, "terraform.tfvars"),
    };

    expect(await readFile(values, "utf8")).toBe(
      `${TFVARS}\n# Added by npm run adopt.\nenable_frontend_hosting = true\n`,
    );
    for (const file of [state, values]) {
      expect((await stat(file)).mode & 0o777, file).toBe(0o600);
    }
    expect(await filesOfUser()).toEqual(["terraform.tfvars", STATE]);
  });

  it("has a copy of the state in which only the old revision is marked to stay", async () => {
    const old = await readState(path.join(older, "infrastructure", "terraform.tfstate"));
    Object.assign(attributesOf(old, "aws_ecs_task_definition"), { skip_destroy: true });
    const copy = await readState(path.join(clone, STATE));

    expect(copy).toEqual(old);
  });

  it("deploys with the command that the verdict names, and then has nothing left to change", async () => {
    const before = (await aws.requests()).length;
    const deployed = await run("npx", ["cdktf", "deploy", "--auto-approve"]);
    requests = (await aws.requests()).slice(before);
    const plan = await run("terraform", ["plan", "-detailed-exitcode", "-no-color"], {}, stackDirectory());

    expect(deployed.exitCode).toBe(0);
    expect(plan.stdout).toContain("No changes.");
    expect(plan.exitCode).toBe(0);
  });

  it("has the same bucket with its files and the same distribution, and nobody else reads the bucket", async () => {
    const s3 = aws.client(S3Client);
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: SITE, Key: "index.html" }));
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket: SITE }));

    expect(await distributions()).toEqual([distribution]);
    expect(Buckets?.map(({ Name }) => Name).sort()).toEqual([BUCKET, SITE]);
    expect(await Body?.transformToString()).toBe("the page of old");
    expect(JSON.parse(Policy).Statement).toMatchObject([
      { Effect: "Allow", Principal: { Service: "cloudfront.amazonaws.com" } },
      { Effect: "Deny", Principal: "*" },
    ]);
  });

  it("was never without a bucket that its distribution may read", () => {
    const steps = closingSteps(SITE, distribution.id);

    expect(requests.filter((request) => steps.includes(request))).toEqual(steps);
  });

  it("has the old revision of the task still registered, for a rollback", async () => {
    const { taskDefinition } = await aws
      .client(ECSClient)
      .send(new DescribeTaskDefinitionCommand({ taskDefinition: "time-series-analyzer-backend:1" }));

    expect(taskDefinition).toMatchObject({ status: "ACTIVE" });
  });

  it("can go back: the older project, with its own state, would replace and destroy nothing", async () => {
    const directory = path.join(root, "back");
    await cp(path.join(older, "infrastructure"), directory, { recursive: true });
    const { changes } = await aws.terraformIn(directory).plan();

    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter(({ action }) => action !== "update")).toEqual([]);
  });

  it("can have its fences removed for that, as the guide says, and nothing else goes with them", async () => {
    const guide = await readFile(path.join(projectRoot, "docs", "upgrading.md"), "utf8");
    const commands = [...guide.matchAll(/terraform destroy (-target=.*)/g)].map(
      ([, targets = ""]) => targets,
    );

    expect(await Promise.all(commands.map(destroyedBy))).toEqual([
      [
        "aws_appautoscaling_policy.backend_cpu",
        "aws_appautoscaling_policy.backend_memory",
        "aws_appautoscaling_policy.backend_requests",
        "aws_appautoscaling_target.backend",
        "aws_network_acl.private",
        "aws_network_acl.public",
      ],
      [
        "aws_s3_bucket_ownership_controls.frontend_bucket_ownership[0]",
        "aws_s3_bucket_public_access_block.frontend_bucket_private[0]",
      ],
      // There is no firewall in dev.
      [],
    ]);
  });

  it("is not adopted twice", async () => {
    const { exitCode, stderr } = await adopt(older, "--state", path.join(clone, STATE));

    expect(exitCode).toBe(1);
    expect(stderr).toContain("is a state of this project already");
  });

  it("leaves the older project as it was, to the byte", async () => {
    expect(await filesIn(older)).toEqual(originals);
  });
});

/** What `terraform destroy` with these `-target` arguments would destroy. */
async function destroyedBy(targets: string) {
  const { stdout } = await run(
    "terraform",
    ["plan", "-destroy", "-lock=false", "-no-color", ...targets.split(" ")],
    {},
    stackDirectory(),
  );
  return [...stdout.matchAll(/# (\S+) will be destroyed/g)].map(([, address]) => address);
}

/** What people know of the distributions that there are. */
async function distributions() {
  const { DistributionList } = await aws.client(CloudFrontClient).send(new ListDistributionsCommand({}));
  return (DistributionList?.Items ?? []).map(({ Id = "", DomainName = "" }) => ({
    id: Id,
    domainName: DomainName,
  }));
}

function stackDirectory(): string {
  return path.join(clone, "cdktf.out", "stacks", "time-series-analyzer");
}

interface StateFile {
  readonly serial: number;
  readonly lineage: string;
  readonly resources: {
    type: string;
    name: string;
    instances: { attributes: Record<string, unknown> }[];
  }[];
}

async function applyOlderProject(): Promise<void> {
  const directory = path.join(older, "infrastructure");
  await writeOlderStack(directory, aws.directory);
  await writeFile(path.join(directory, "terraform.tfvars"), TFVARS);

  const terraform = aws.terraformIn(directory);
  await terraform.init();
  await terraform.apply();
}

/** The older project comes to host the frontend: a public bucket with a page, behind CloudFront. */
async function hostFrontend(): Promise<void> {
  const directory = path.join(older, "infrastructure");
  await copyFile(OLDER_FRONTEND, path.join(directory, "frontend.tf.json"));
  await aws.terraformIn(directory).apply();
  await aws
    .client(S3Client)
    .send(new PutObjectCommand({ Bucket: SITE, Key: "index.html", Body: "the page of old" }));
}

/** The older project once more, with another state. */
async function copyOfOlder(name: string, change: (state: StateFile) => void): Promise<string> {
  const directory = path.join(root, name);
  await mkdir(directory);
  const state = await readState(path.join(older, "infrastructure", "terraform.tfstate"));
  change(state);
  await writeFile(path.join(directory, "terraform.tfstate"), JSON.stringify(state));
  await writeFile(path.join(directory, "terraform.tfvars"), TFVARS);
  return directory;
}

/** The older project once more, with its state in a bucket. */
async function remoteProject(): Promise<string> {
  await aws.client(S3Client).send(
    new CreateBucketCommand({
      Bucket: BUCKET,
      CreateBucketConfiguration: { LocationConstraint: "us-west-2" },
    }),
  );
  const directory = path.join(root, "remote");
  await mkdir(directory);
  await writeFile(
    path.join(directory, "backend.tf"),
    `terraform {\n  backend "s3" {\n    bucket = "${BUCKET}"\n    key    = "old.tfstate"\n    region = "us-west-2"\n  }\n}\n`,
  );
  await writeFile(path.join(directory, "terraform.tfvars"), TFVARS);
  await run("terraform", ["init"], {}, directory);
  await run(
    "terraform",
    ["state", "push", path.join(older, "infrastructure", "terraform.tfstate")],
    {},
    directory,
  );
  return directory;
}

function resourceOf(state: StateFile, type: string) {
  const found = state.resources.find((each) => each.type === type);
  if (!found) throw new Error(`the state holds no ${type}`);
  return found;
}

/** Attributes of the only resource of a type. */
function attributesOf(state: StateFile, type: string): Record<string, unknown> {
  const [instance] = resourceOf(state, type).instances;
  if (!instance) throw new Error(`the state holds no instance of ${type}`);
  return instance.attributes;
}

async function readState(file: string): Promise<StateFile> {
  return JSON.parse(await readFile(file, "utf8"));
}

async function stateIn(Key: string): Promise<StateFile> {
  const { Body } = await aws.client(S3Client).send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return JSON.parse((await Body?.transformToString()) ?? "");
}

/** Files in the clone's root that no source of the project is. */
async function filesOfUser(): Promise<string[]> {
  const ours = [...cloned, ".local", "cdktf.out", ".cdktf"];
  return (await readdir(clone)).filter((name) => !ours.includes(name)).sort();
}

/** Every file of a directory with its content. Terraform's providers are left out. */
async function filesIn(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("providers"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  const contents = await Promise.all(
    files.map(async (file) => [file, await readFile(file, "latin1")] as const),
  );
  return new Map(contents);
}

/** Runs the command as its user would. No secret may ever be in what it prints. */
async function adopt(directory: string, ...args: string[]) {
  return run("npm", ["run", "--silent", "adopt", "--", directory, ...args]);
}

async function run(command: string, args: readonly string[], env: Record<string, string> = {}, cwd = clone) {
  const result = await execa(command, args, {
    cwd,
    extendEnv: false,
    reject: false,
    env: {
      ...aws.terraform.environment,
      // Locking the provider for other platforms asks the registry, which not every machine reaches.
      CDKTF_SKIP_PROVIDER_LOCK: "true",
      CDKTF_HOME: path.join(clone, ".cdktf"),
      ...env,
    },
  });
  for (const secret of SECRETS) {
    expect(`${result.stdout}${result.stderr}`).not.toContain(secret);
  }
  return result;
}
