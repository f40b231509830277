import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/constructs/secret";
import { ref, synth } from "../helpers/synth";

const template = synth((stack) => {
  const secret = new Secret(stack, "key", {
    secretName: "app-key",
    description: "A key",
    label: "App Key",
    recoveryWindowInDays: 7,
    value: Token.asString(ref("var.key")),
    valueVersion: 3,
  });
  stack.addOverride("locals", {
    arn: secret.arn,
    versionId: secret.versionId,
    writtenArn: secret.writtenArn,
  });
});

describe("Secret", () => {
  it("can be restored for a while after it is deleted", () => {
    expect(template.resource(SecretsmanagerSecret)).toMatchObject({
      name: "app-key",
      description: "A key",
      recovery_window_in_days: 7,
      tags: { Name: "App Key" },
    });
  });

  it("writes its value without keeping it in the state", () => {
    const version = template.resource(SecretsmanagerSecretVersion);

    expect(version).toMatchObject({
      secret_id: "${aws_secretsmanager_secret.key.id}",
      secret_string_wo: "${var.key}",
      secret_string_wo_version: 3,
    });
    expect(version).not.toHaveProperty("secret_string");
  });

  it("keeps away from the address of the older version resource, whose value is in the state", () => {
    expect(Object.keys(template.resources(SecretsmanagerSecretVersion))).toEqual(["key_value"]);
  });

  it("tells its ARN, and apart from it the ARN that is known only once the value is written", () => {
    expect(template.json.locals).toEqual({
      arn: "${aws_secretsmanager_secret.key.arn}",
      versionId: "${aws_secretsmanager_secret_version.key_value.version_id}",
      writtenArn: "${aws_secretsmanager_secret_version.key_value.arn}",
    });
  });
});
