import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readValues, type ValuesOptions } from "../../ops/cost/values";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cost-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const write = (file: string, content: string) => writeFile(join(directory, file), content);
const read = (options: Partial<ValuesOptions> = {}) =>
  readValues({ directory, varFiles: [], environment: {}, ...options });

describe("values that decide the cost", () => {
  it("are the defaults, and what the profile of dev says, where nothing is set", async () => {
    expect(await read()).toMatchObject({
      environment: "dev",
      aws_region: "us-west-2",
      public_subnet_cidrs: ["10.0.1.0/24", "10.0.2.0/24"],
      single_nat_gateway: false,
      backend_max_count: 2,
      db_instance_class: "db.t3.micro",
      db_multi_az: false,
      enable_waf: false,
      enable_flow_logs: false,
      enable_frontend_hosting: null,
    });
  });

  it("are what the profile says, unless the variable says something else", async () => {
    await write("terraform.tfvars", 'environment = "prod"\ndb_multi_az = false\nbackend_max_count = null\n');

    expect(await read()).toMatchObject({
      environment: "prod",
      db_multi_az: false,
      backend_max_count: 4,
      enable_waf: true,
      enable_flow_logs: true,
    });
  });

  it("come from where Terraform takes them, a later place winning", async () => {
    await write("terraform.tfvars", "backend_cpu = 512\nbackend_memory = 1024\nbackend_desired_count = 2\n");
    await write("more.auto.tfvars.json", JSON.stringify({ backend_memory: 2048, backend_desired_count: 3 }));
    await write("prod.tfvars", "backend_desired_count = 4\n");

    expect(
      await read({
        varFiles: ["prod.tfvars"],
        environment: { TF_VAR_backend_cpu: "4096", TF_VAR_enable_waf: "true" },
      }),
    ).toMatchObject({ backend_cpu: 512, backend_memory: 2048, backend_desired_count: 4, enable_waf: true });
  });

  it("hold no secret, and need none", async () => {
    await write("terraform.tfvars", 'db_password = "a-secret"\napi_key = "a-secret"\n');

    expect(JSON.stringify(await read())).not.toContain("a-secret");
  });

  it.each([
    ["a file that is cut off", 'db_password = "a-secret\nenvironment = "prod"'],
    ["a profile that is none", 'db_password = "a-secret"\nenvironment = "production"'],
    ["a value of a wrong type", 'db_password = "a-secret"\ndb_allocated_storage = "much"'],
  ])("are refused without a line of the file, which may hold a secret: %s", async (_what, content) => {
    await write("terraform.tfvars", content);

    const problem = await read().catch((error: unknown) => error);
    expect(problem).toMatchObject({
      name: "Problem",
      message: "Terraform cannot evaluate the values.",
      remedy: "See what is wrong with them: npm run check",
    });
    expect(JSON.stringify(problem)).not.toContain("a-secret");
  });

  it("are refused where a file is not there", async () => {
    await expect(read({ varFiles: ["prod.tfvars"] })).rejects.toThrow(
      `${join(directory, "prod.tfvars")} does not exist.`,
    );
  });
});
