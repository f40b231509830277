import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { DataResource } from "cdktf";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { doneBefore } from "../helpers/order";
import { wholeStack } from "../helpers/synth";

const stack = wholeStack();
const version = (id: string) => stack.resource(SecretsmanagerSecretVersion, id);

/** A whole number made of the values, with room in 32 bits. */
const numberOf = (...values: string[]) =>
  `\${parseint(substr(sha256(jsonencode([${values.join(", ")}])), 0, 8), 16)}`;
const of = (attribute: string) => `aws_db_instance.postgres.${attribute}`;

describe("ApplicationSecrets", () => {
  it.each([
    ["api_key", "api-key"],
    ["db_credentials", "db-credentials"],
    ["database_url", "database-url"],
  ])("have the documented name: %s", (id, name) => {
    expect(stack.resource(SecretsmanagerSecret, id)).toMatchObject({
      name: `\${var.app_name}-${name}`,
      recovery_window_in_days: "${local.secret_recovery_window_in_days}",
    });
  });

  it("hold the API key as it is", () => {
    expect(version("api_key_value")).toMatchObject({
      secret_id: "${aws_secretsmanager_secret.api_key.id}",
      secret_string_wo: "${var.api_key}",
      secret_string_wo_version: "${var.api_key_version}",
    });
  });

  it("hold the user name and password of the database as JSON", () => {
    expect(version("db_credentials_value").secret_id).toBe("${aws_secretsmanager_secret.db_credentials.id}");
    expect(readHcl(version("db_credentials_value").secret_string_wo)).toEqual({
      username: "${aws_db_instance.postgres.username}",
      password: "${var.db_password}",
    });
  });

  it("hold the URL that SQLAlchemy takes, with user and password percent-encoded", () => {
    const encoded = (value: string) => `replace(urlencode(${value}), "+", "%20")`;

    expect(version("database_url_value").secret_id).toBe("${aws_secretsmanager_secret.database_url.id}");
    expect(version("database_url_value").secret_string_wo).toBe(
      `\${format("postgresql+asyncpg://%s:%s@%s:%d/%s", ${[
        encoded(of("username")),
        encoded("var.db_password"),
        of("address"),
        of("port"),
        of("db_name"),
      ].join(", ")})}`,
    );
  });

  it("write the credentials anew when the user or the password's version changes", () => {
    expect(version("db_credentials_value").secret_string_wo_version).toBe(
      numberOf(of("username"), "var.db_password_version"),
    );
  });

  it("write the URL anew when any part of it changes", () => {
    expect(version("database_url_value").secret_string_wo_version).toBe(
      numberOf(of("username"), of("address"), of("port"), of("db_name"), "var.db_password_version"),
    );
  });

  describe("stop the plan when a value changes without its version", () => {
    const STORED = "ephemeral.aws_secretsmanager_secret_version";

    it.each([
      ["stored_api_key", "api_key_value"],
      ["stored_db_credentials", "db_credentials_value"],
    ])("%s is read for each run, and not while a new version waits to be written", (id, written) => {
      // The ARN of what is written is unknown until then, and puts the reading off.
      expect(stack.json.ephemeral.aws_secretsmanager_secret_version[id]).toEqual({
        secret_id: `\${aws_secretsmanager_secret_version.${written}.arn}`,
      });
    });

    const guard = stack.resource(DataResource, "secrets_in_step");

    it.each([
      [0, "api_key", `${STORED}.stored_api_key.secret_string`],
      [1, "db_password", `jsondecode(${STORED}.stored_db_credentials.secret_string).password`],
    ])("precondition %i compares %s with what is stored, and says what to set", (index, input, stored) => {
      expect(guard.lifecycle.precondition[index]).toEqual({
        condition: `\${${stored} == var.${input}}`,
        error_message: `${input} is not the value that Secrets Manager holds, and ${input}_version says that it did not change. Set ${input}_version = \${(var.${input}_version + 1)} to write the new value and roll the tasks onto it, or set ${input} back.`,
      });
    });

    it("keeps nothing of what it compares", () => {
      expect(Object.keys(guard).sort()).toEqual(["lifecycle"]);
      expect(guard.lifecycle.precondition).toHaveLength(2);
    });
  });

  describe("reach the tasks without a detour", () => {
    const before = (address: string) => [...doneBefore(stack.json, address)];
    const SERVICE = "aws_ecs_service.backend_service";
    const DATABASE = "aws_db_instance.postgres";

    it.each(["database_url_value", "db_credentials_value"])(
      "%s is written once the database has its password, and not before",
      (id) => {
        expect(before(`aws_secretsmanager_secret_version.${id}`)).toContain(DATABASE);
      },
    );

    it("the tasks are rolled once the secrets that they read are written", () => {
      expect(before(SERVICE)).toEqual(
        expect.arrayContaining([
          DATABASE,
          "aws_secretsmanager_secret_version.database_url_value",
          "aws_secretsmanager_secret_version.api_key_value",
          "aws_ecs_task_definition.backend_task",
        ]),
      );
    });

    it("an API key does not wait for the database", () => {
      expect(before("aws_secretsmanager_secret_version.api_key_value")).not.toContain(DATABASE);
    });
  });

  it("are written with write-only arguments alone", () => {
    const versions = Object.values(stack.resources(SecretsmanagerSecretVersion));

    expect(versions).toHaveLength(3);
    expect(versions.filter((block) => "secret_string" in block || "secret_binary" in block)).toEqual([]);
  });
});
