import { describe, expect, test } from "vitest";
import { assertLoopback, cleanEnvironment, emulatorCredentials } from "../../local/environment";

describe("cleanEnvironment", () => {
  test("keeps what a program needs to run and to reach the network", () => {
    const source = {
      PATH: "/bin",
      HOME: "/home/me",
      https_proxy: "http://proxy:3128",
      SSL_CERT_FILE: "/ca.pem",
    };

    expect(cleanEnvironment(source)).toEqual(source);
  });

  test.each([
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "TF_VAR_db_password",
    "TF_CLI_ARGS",
    "TF_WORKSPACE",
    "STATE_BUCKET",
  ])("leaves %s of the caller outside", (name) => {
    expect(cleanEnvironment({ PATH: "/bin", [name]: "x" })).toEqual({ PATH: "/bin" });
  });
});

describe("emulatorCredentials", () => {
  test("points every client at the emulator, with credentials that are worth nothing", () => {
    expect(emulatorCredentials("http://127.0.0.1:5000", "eu-west-1")).toMatchObject({
      AWS_ENDPOINT_URL: "http://127.0.0.1:5000",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "eu-west-1",
      AWS_EC2_METADATA_DISABLED: "true",
    });
  });
});

describe("assertLoopback", () => {
  test.each(["http://127.0.0.1:5000", "http://127.1.2.3:1", "http://localhost:5000", "http://[::1]:5000"])(
    "accepts %s",
    (endpoint) => {
      expect(() => {
        assertLoopback(endpoint);
      }).not.toThrow();
    },
  );

  test.each([
    "https://ec2.us-west-2.amazonaws.com",
    "http://10.0.0.1:5000",
    "http://127.0.0.1.example.com",
    "http://example.com/127.0.0.1",
    "http://127.0.0.1@example.com",
    "https://127.0.0.1:5000",
    "127.0.0.1:5000",
    "",
  ])("refuses %j, and says what to pass", (endpoint) => {
    expect(() => {
      assertLoopback(endpoint);
    }).toThrow(
      `the endpoint must be an emulator on this machine, got ${JSON.stringify(endpoint)}: pass http://127.0.0.1:<port>`,
    );
  });
});
