import { afterEach, describe, expect, test, vi } from "vitest";
import { Terraform, TerraformError } from "../../local/terraform";

describe("Terraform", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("refuses an endpoint that is not on this machine", () => {
    expect(() => new Terraform({ directory: ".", endpoint: "https://sts.amazonaws.com" })).toThrow(
      "the endpoint must be an emulator on this machine",
    );
  });

  test("never passes on the caller's credentials, variables or settings", () => {
    vi.stubEnv("AWS_PROFILE", "production");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAREAL");
    vi.stubEnv("TF_VAR_db_password", "secret");
    vi.stubEnv("TF_CLI_ARGS_apply", "-refresh=false");

    const { environment } = new Terraform({ directory: ".", endpoint: "http://127.0.0.1:5000" });

    expect(environment).toMatchObject({
      AWS_ACCESS_KEY_ID: "test",
      AWS_ENDPOINT_URL: "http://127.0.0.1:5000",
      TF_INPUT: "0",
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
    });
    expect(Object.keys(environment)).not.toContain("AWS_PROFILE");
    expect(Object.keys(environment).filter((name) => /^TF_(VAR|CLI_ARGS)/.test(name))).toEqual([]);
  });
});

describe("TerraformError", () => {
  test("shows the errors, not the warnings", () => {
    const error = new TerraformError(
      "apply",
      [
        { severity: "warning", summary: "Deprecated", detail: "" },
        { severity: "error", summary: "No such bucket", detail: "Make it.", address: "aws_s3_bucket.logs" },
      ],
      "",
    );

    expect(error.message).toBe(
      "terraform apply failed:\n\nError: No such bucket\n  with aws_s3_bucket.logs\nMake it.",
    );
  });

  test("shows plain output without colours and frame", () => {
    const output = "\u001b[31m╷\u001b[0m\n\u001b[31m│\u001b[0m \u001b[1mError: \u001b[0mNo output\n╵\n";

    expect(new TerraformError("output", [], output).message).toBe(
      "terraform output failed:\n\nError: No output",
    );
  });
});
