import { describe, expect, test } from "vitest";
import type { Machine, Python } from "../../local/emulator-runtime";
import { checkRequirements, MissingRequirementsError } from "../../local/requirements";

const python = (overrides: Partial<Python> = {}): Python => ({
  executable: "/usr/bin/python3",
  version: "3.12.4",
  moto: null,
  venv: true,
  ...overrides,
});

const machine = (overrides: Partial<Machine> = {}): Machine => ({ pythons: [], engines: [], ...overrides });

describe("checkRequirements", () => {
  test.each(["1.11.0", "1.11.4", "1.12.0", "2.0.0"])("accepts Terraform %s", (terraform) => {
    expect(() => checkRequirements({ terraform, machine: machine({ pythons: [python()] }) })).not.toThrow();
  });

  test.each(["1.10.5", "1.9.8", "0.15.0"])(
    "refuses Terraform %s, and says how to get a newer one",
    (terraform) => {
      expect(() => checkRequirements({ terraform, machine: machine({ pythons: [python()] }) })).toThrow(
        `One thing is missing on this machine:\n\n- Terraform 1.11 or newer (found: ${terraform})\n` +
          "    macOS:  brew install hashicorp/tap/terraform\n" +
          "    others: https://developer.hashicorp.com/terraform/install",
      );
    },
  );

  test("names everything that is missing at once", () => {
    let error: unknown;
    try {
      checkRequirements({ terraform: null, machine: machine() });
    } catch (caught) {
      error = caught;
    }

    expect(error).toBeInstanceOf(MissingRequirementsError);
    expect((error as MissingRequirementsError).message).toMatch(/^2 things are missing on this machine/);
    expect((error as MissingRequirementsError).missing).toEqual([
      expect.stringContaining("- Terraform 1.11 or newer (found: none on the PATH)"),
      expect.stringContaining("- Python 3.10 or newer, docker or podman"),
    ]);
  });

  test.each([
    [[python({ version: "3.9.2" })], "found: Python 3.9.2"],
    [[python({ venv: false })], "found: Python 3.12.4 without the venv module"],
    [[], "found: none of them"],
  ])("says what there is instead of a runtime: %#", (pythons, text) => {
    expect(() => checkRequirements({ terraform: "1.11.4", machine: machine({ pythons }) })).toThrow(text);
  });

  test("is content with a container engine", () => {
    expect(checkRequirements({ terraform: "1.11.4", machine: machine({ engines: ["podman"] }) })).toEqual({
      kind: "ready",
      runtime: { kind: "container", engine: "podman" },
    });
  });
});
