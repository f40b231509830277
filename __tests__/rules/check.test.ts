import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { check } from "../../check/check";
import { describe as text } from "../../check/finding";
import { rulesOfStack } from "../../check/rules";
import { tfvarsFiles } from "../../check/tfvars-files.mjs";

const rules = rulesOfStack();
const SECRETS = 'db_password = "Correct-Horse_9"\napi_key = "k3y"\n';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "check-test-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What the check says of files, one line for each finding. */
async function said(files: Record<string, string>, environment: NodeJS.ProcessEnv = {}): Promise<string[]> {
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(directory, name), content);
  return (await check({ rules, directory, files: tfvarsFiles(directory), environment })).map(text);
}

describe("check", () => {
  it("has nothing to say of right values", async () => {
    expect(await said({ "terraform.tfvars": SECRETS })).toEqual([]);
  });

  it("says everything at once, also what hides in a plan behind something else", async () => {
    const lines = await said({
      "terraform.tfvars": `${SECRETS}aws_region = "us-west-9"
vpc_cidr = "10.0.0.1/16"
db_prot = 5433
db_backup_window = "3:00-4:00"
backend_memory = "much"
health_check_timeout = 300
health_check_interval = 200
db_name = "user"
db_name = "table"
`,
    });

    for (const expected of [
      /^terraform\.tfvars:3: error: aws_region must be the name of an AWS region/,
      /^terraform\.tfvars:4: error: vpc_cidr must be a range without host bits/,
      /^terraform\.tfvars:5: error: db_prot is no variable: Terraform would go on without it\. Did you mean db_port\?$/,
      /^terraform\.tfvars:6: error: db_backup_window must be a time in UTC/,
      /^terraform\.tfvars:7: error: backend_memory must be a number\.$/,
      /^terraform\.tfvars:8: error: health_check_timeout must be a whole number/,
      /^terraform\.tfvars:11: error: db_name must be set once, and line 10 sets it too\./,
      /^terraform\.tfvars:11: error: db_name must be neither a reserved word .*"table"/,
    ]) {
      expect(lines.filter((line) => expected.test(line))).toHaveLength(1);
    }
    expect(lines).toHaveLength(8);
  });

  it("does not blame a variable for what another one is", async () => {
    const lines = await said({ "terraform.tfvars": `${SECRETS}backend_cpu = 300\n` });

    expect(lines).toEqual([expect.stringContaining("backend_cpu must be one of")]);
  });

  it("says which required values are missing, with all the rest", async () => {
    const lines = await said({ "terraform.tfvars": "db_port = 1\n" });

    expect(lines).toHaveLength(3);
    expect(lines.join("\n")).toMatch(/db_port must be a whole number/);
    expect(lines.join("\n")).toMatch(/^error: api_key must be set\. .*TF_VAR_api_key\.$/m);
    expect(lines.join("\n")).toMatch(/^error: db_password must be set\. /m);
  });

  it("says of a file that cannot be read what and where, and goes on with the others", async () => {
    const lines = await said({
      "terraform.tfvars": 'db_password = "x\n',
      "more.auto.tfvars": "db_port = 1\n",
    });

    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^terraform\.tfvars:1: error: Invalid multi-line string/);
    expect(lines[1]).toMatch(/^more\.auto\.tfvars:1: error: db_port must/);
  });

  it("takes the values that Terraform would take, and notes what is set in two files", async () => {
    expect(
      await said(
        { "terraform.tfvars": `${SECRETS}db_port = 1\n`, "a.auto.tfvars.json": '{ "db_port": 5433 }' },
        { TF_VAR_db_port: "2", TF_VAR_app_name: "Upper" },
      ),
    ).toEqual([
      expect.stringMatching(/^TF_VAR_app_name: error: app_name must be lower-case/),
      "note: db_port is set in terraform.tfvars and a.auto.tfvars.json. Terraform takes it from a.auto.tfvars.json.",
    ]);
  });

  it("warns of a name of TF_VAR_… that looks like a slip, and lets others be", async () => {
    expect(
      await said({ "terraform.tfvars": SECRETS }, { TF_VAR_db_pasword: "x", TF_VAR_redis_node_type: "x" }),
    ).toEqual(["TF_VAR_db_pasword: warning: db_pasword is no variable. Did you mean db_password?"]);
  });

  it("says that a version needs quotes where it would become another one", async () => {
    expect(await said({ "terraform.tfvars": `${SECRETS}db_engine_version = 16.10\n` })).toEqual([
      'terraform.tfvars:3: error: db_engine_version must be in quotes, because Terraform reads 16.10 as 16.1. Write "16.10".',
    ]);
  });

  it("warns of placeholders in dev, and of a version that RDS no longer creates", async () => {
    const lines = await said({
      "terraform.tfvars":
        'db_password = "your-secure-database-password"\napi_key = "change-me"\ndb_engine_version = "15.4"\n',
    });

    expect(lines.map((line) => line.replace(/ should .*/, "")).sort()).toEqual([
      "terraform.tfvars:1: warning: db_password",
      "terraform.tfvars:2: warning: api_key",
      "terraform.tfvars:3: warning: db_engine_version",
    ]);
  });

  it("refuses placeholders in prod, and says so once", async () => {
    expect(
      await said({
        "terraform.tfvars": 'environment = "prod"\ndb_password = "Correct-Horse_9"\napi_key = "Your-key"\n',
      }),
    ).toEqual([
      expect.stringMatching(/^terraform\.tfvars:3: error: api_key must be a value of your own in prod/),
    ]);
  });

  it("never shows a secret", async () => {
    const secrets = ["hunter/2-hunter", "schlüssel-77"];
    const lines = await said({
      "terraform.tfvars": `db_password = "${secrets[0]}"\napi_key = "${secrets[1]}"\ndb_password = 12345.10\n`,
    });

    expect(lines.length).toBeGreaterThan(1);
    for (const secret of [...secrets, "12345"]) expect(lines.join("\n")).not.toContain(secret);
  });
});

describe("npm run check", () => {
  const run = (...args: string[]) =>
    execa("node", ["runner/run.mjs", "check/cli.ts", ...args], { reject: false, all: true });

  it("ends with 0 where every value is right", async () => {
    const { exitCode, all } = await run("--var-file", "terraform.tfvars.example");

    expect(all).toContain("Every value is right");
    expect(exitCode).toBe(0);
  });

  it("ends with 1 where one is wrong, and prints JSON on demand", async () => {
    const file = path.join(directory, "wrong.tfvars");
    writeFileSync(file, `${SECRETS}db_port = 1\n`);
    const { exitCode, stdout } = await run("--json", "--var-file", file);

    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      { severity: "error", variable: "db_port", line: 3, source: file },
    ]);
  });

  it("names a file that is not there", async () => {
    expect(await run("--var-file", "none.tfvars")).toMatchObject({
      exitCode: 1,
      all: expect.stringContaining("none.tfvars does not exist."),
    });
  });
});
