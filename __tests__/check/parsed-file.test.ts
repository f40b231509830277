import { describe, expect, it } from "vitest";
import { parseFile } from "../../check/parsed-file";

const HCL = `# A comment with db_port = 1
db_port = 5432
tags = {
  environment = "x"
}

db_port = 5433 # again
environment = prod
db_engine_version = 15.10
text = <<END
db_name = "no setting"
END
`;

describe("parseFile", () => {
  it("finds every setting with its line, and nothing inside a value", async () => {
    const { settings } = await parseFile("terraform.tfvars", HCL);

    expect(settings.map(({ name, line }) => `${line} ${name}`)).toEqual([
      "2 db_port",
      "3 tags",
      "7 db_port",
      "8 environment",
      "9 db_engine_version",
      "10 text",
    ]);
  });

  it("keeps a number as it is written", async () => {
    const { settings } = await parseFile("terraform.tfvars", HCL);

    expect(settings.find(({ name }) => name === "db_engine_version")?.number).toBe("15.10");
  });

  it("says what is set twice, and where text has no quotes", async () => {
    const { findings } = await parseFile("terraform.tfvars", HCL);

    expect(findings.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "7 db_port must be set once, and line 2 sets it too. Remove one of the two.",
      "8 environment must be a plain value, without functions or references. Put text in quotes.",
    ]);
  });

  it("leaves the last of each name for Terraform to read, without what it would stop at", async () => {
    const { readable } = await parseFile("terraform.tfvars", HCL);

    expect(readable).not.toMatch(/5432|prod/);
    expect(readable).toMatch(/^db_port = 5433 /m);
    expect((await parseFile("again.tfvars", readable)).findings).toEqual([]);
  });

  it("sees in JSON what JSON.parse passes over", async () => {
    const file = await parseFile(
      "a.auto.tfvars.json",
      '{\n"db_port": 1,\n"db_port": 5433, "tags": {"a": "é"}}',
    );

    expect(file.findings).toMatchObject([{ line: 3, variable: "db_port" }]);
    expect(JSON.parse(file.readable)).toEqual({ db_port: 5433, tags: { a: "é" } });
  });

  it.each([
    ["terraform.tfvars", 'db_password = "secret\n', 1],
    ["terraform.tfvars", "a = 1\nb = [1,\n", 3],
    ["terraform.tfvars", "a = “x”\n", 1],
    ["terraform.tfvars", 'a = 1\n"b" = 2\n', 2],
    ["terraform.tfvars.json", '{"db_password": "secret",\n}', 2],
    ["terraform.tfvars.json", '{"db_password": "secret"', 1],
    ["terraform.tfvars.json", '["secret"]', 1],
  ])("%s: %j cannot be read from line %i on, and is not quoted", async (name, text, line) => {
    const { findings, isBroken } = await parseFile(name, text);

    expect(isBroken).toBe(true);
    expect(findings).toMatchObject([{ severity: "error", source: name, line }]);
    expect(findings[0]?.message).not.toContain("secret");
  });

  it("says that a block is no setting", async () => {
    const { findings } = await parseFile("terraform.tfvars", 'variable "a" {\n}\n');

    expect(findings).toMatchObject([{ severity: "error", message: expect.stringContaining("no blocks") }]);
  });

  it.each([
    "",
    "# nothing\n",
    "\uFEFFdb_port = 5433\n",
    "db_port = 5433",
    'db_port = 5433\r\ndb_name = "a"\r\n',
  ])("takes %j", async (text) => {
    expect(await parseFile("terraform.tfvars", text)).toMatchObject({ findings: [], isBroken: false });
  });
});
