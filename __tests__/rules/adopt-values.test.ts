import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkValues } from "../../adopt/check-values";
import { configurationOf } from "../../adopt/configuration";
import { parseState } from "../../adopt/state";
import { tfvarsForThisProject } from "../../adopt/tfvars";
import { effective, findVarFile, readValues } from "../../adopt/values";
import { wholeStack } from "../helpers/synth";
import { stateFile } from "../adopt/older";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "values-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function given(
  files: Record<string, string>,
  environment: NodeJS.ProcessEnv = {},
  varFiles: string[] = [],
) {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
  return readValues(
    directory,
    varFiles.map((name) => path.join(directory, name)),
    environment,
  );
}

describe("readValues", () => {
  it("takes the files that Terraform takes, in its order, then those that are named", async () => {
    const values = await given(
      {
        "b.auto.tfvars": "v = 4",
        "a.auto.tfvars.json": '{"v": 3}',
        "terraform.tfvars": "v = 1",
        "terraform.tfvars.json": '{"v": 2}',
        "prod.tfvars": "v = 5",
        "dev.tfvars": "v = 6",
      },
      {},
      ["prod.tfvars"],
    );

    expect(values.files.map(({ values: { v } }) => v)).toEqual([1, 2, 3, 4, 5]);
    expect(effective(values)).toEqual({ v: 5 });
  });

  it("takes TF_VAR_ from the environment, and every file wins over it", async () => {
    const values = await given({ "terraform.tfvars": 'a = "file"' }, { TF_VAR_a: "env", TF_VAR_b: "env" });

    expect(effective(values)).toEqual({ a: "file", b: "env" });
  });

  it("reads what a string escapes", async () => {
    const { files } = await given({ "terraform.tfvars": 'a = "x$${y}%%{z}\\"q\\""\n' });

    expect(files[0]?.values).toEqual({ a: 'x${y}%{z}"q"' });
  });

  it.each([
    [
      "terraform.tfvars",
      'a = "b"\ndb_password = "my-secret\n',
      "cannot be read as values of Terraform: look at line 2",
    ],
    ["terraform.tfvars.json", '{"db_password": "my-secret"', "cannot be read as JSON"],
  ])("says where %s is broken, and quotes nothing of it", async (name, text, message) => {
    const error = await given({ [name]: text }).catch((thrown: Error) => thrown);

    expect(error).toMatchObject({ message: `${path.join(directory, name)} ${message}` });
    expect(String(error)).not.toContain("my-secret");
  });

  it("rejects a --var-file that is not there", async () => {
    await expect(given({}, {}, ["none.tfvars"])).rejects.toThrow(
      "--var-file must name a file, but there is no ",
    );
  });
});

describe("findVarFile", () => {
  it("is relative to where the user is, or else to the older project", async () => {
    await writeFile(path.join(directory, "here.tfvars"), "");

    expect(findVarFile("here.tfvars", directory, "/older")).toBe(path.join(directory, "here.tfvars"));
    expect(findVarFile("there.tfvars", directory, "/older")).toBe("/older/there.tfvars");
  });
});

describe("tfvarsForThisProject", () => {
  it("is the only file as it stands", async () => {
    const text = '# ours\r\na   = "b"';

    expect(tfvarsForThisProject(await given({ "terraform.tfvars": text }), {})).toBe(text);
  });

  it("adds at its end what the older project did not have", async () => {
    const values = await given({ "terraform.tfvars": 'a = "b"' });

    expect(tfvarsForThisProject(values, { enable_frontend_hosting: true })).toBe(
      'a = "b"\n\n# Added by npm run adopt.\nenable_frontend_hosting = true\n',
    );
  });

  it("merges several files, and Terraform reads the same from the result", async () => {
    const list = ["x", "y"];
    const odd = 'q"\\b${x}%{y}\n\b\fü';
    const values = await given({
      "terraform.tfvars": 'a = "old"\nn = 3\nb = true\nnothing = null\n',
      "z.auto.tfvars.json": JSON.stringify({ a: "new", list, odd, map: { k: "v" } }),
    });
    const merged = tfvarsForThisProject(values, {}) ?? "";
    await rm(path.join(directory, "z.auto.tfvars.json"));
    const again = await given({ "terraform.tfvars": merged });

    expect(merged).toMatch(
      /^# From terraform\.tfvars, z\.auto\.tfvars\.json of the older project\.\na = "new"\n/,
    );
    expect(effective(again)).toEqual({ a: "new", n: 3, b: true, nothing: null, list, odd, map: { k: "v" } });
  });

  it("turns JSON into the file that this project reads", async () => {
    expect(tfvarsForThisProject(await given({ "terraform.tfvars.json": '{"a": 1}' }), {})).toContain(
      "\na = 1\n",
    );
  });

  it("is nothing when every value is in the environment", async () => {
    expect(tfvarsForThisProject(await given({}, { TF_VAR_a: "b" }), {})).toBeUndefined();
  });
});

describe("checkValues", () => {
  const configuration = configurationOf(wholeStack().json as Parameters<typeof configurationOf>[0]);
  const state = parseState(
    stateFile([
      { address: "aws_db_instance.postgres", attributes: { password: "the-password" } },
      {
        address: "aws_secretsmanager_secret_version.api_key",
        attributes: { secret_string: "the-key" },
      },
      {
        address: "aws_lb.app_lb",
        attributes: { arn: "arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/x" },
      },
    ]),
    "terraform.tfstate",
  );
  const good = 'db_password = "the-password"\napi_key = "the-key"\n';
  const check = async (text: string, environment: NodeJS.ProcessEnv = {}) =>
    checkValues(await given({ "terraform.tfvars": text }, environment), configuration, state);

  it("has nothing to say about the values that the state was made with", async () => {
    expect(await check(good)).toEqual({ problems: [], warnings: [] });
  });

  it("asks for a required value, which may come from the environment", async () => {
    const text = 'db_password = "the-password"';

    expect((await check(text)).problems).toEqual([expect.stringContaining("api_key must be set. ")]);
    expect((await check(text, { TF_VAR_api_key: "the-key" })).problems).toEqual([]);
  });

  it("says what npm run check would say: unknown names and wrong values, with file and line", async () => {
    const { problems } = await check(`${good}backend_desired_cuont = 2\ndb_port = 80\n`);

    expect(problems).toEqual([
      expect.stringMatching(
        /terraform\.tfvars:3: error: backend_desired_cuont .* Did you mean backend_desired_count\?$/,
      ),
      expect.stringMatching(/terraform\.tfvars:4: error: db_port must /),
    ]);
  });

  it("rejects another region than the one of the resources", async () => {
    expect((await check(`${good}aws_region = "eu-west-1"`)).problems).toEqual([
      expect.stringContaining(
        'aws_region must be "us-west-2", where the resources of the state are, got "eu-west-1"',
      ),
    ]);
  });

  it("says that a secret differs from the state, and shows neither", async () => {
    const { warnings } = await check('db_password = "another-password"\napi_key = "another-key"\n');

    expect(warnings).toEqual([
      expect.stringContaining("db_password is not the password in the state"),
      expect.stringContaining("api_key is not the key in the state"),
    ]);
    expect(warnings.join()).not.toMatch(/another|the-password|the-key/);
  });

  it("says what a pinned engine version means", async () => {
    expect((await check(`${good}db_engine_version = "15.15"`)).warnings).toEqual([
      expect.stringContaining("db_engine_version pins PostgreSQL 15.15"),
    ]);
  });
});
