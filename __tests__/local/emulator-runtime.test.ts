import { describe, expect, test } from "vitest";
import { MOTO_VERSION, planRuntime, type Python } from "../../local/emulator-runtime";

// Pure decisions over made-up machines: a machine of the test run has one of these kinds at most, and
// installing from a package index or pulling an image needs the internet.

const python = (overrides: Partial<Python> = {}): Python => ({
  executable: "/usr/bin/python3",
  version: "3.12.4",
  moto: null,
  venv: true,
  ...overrides,
});

describe("planRuntime", () => {
  test("uses a Python that has the emulator already, whatever else there is", () => {
    const equipped = python({ executable: "/opt/python", moto: MOTO_VERSION, venv: false });

    expect(planRuntime({ pythons: [python(), equipped], engines: ["docker"] })).toEqual({
      kind: "ready",
      runtime: { kind: "python", executable: "/opt/python" },
    });
  });

  test.each([null, "5.2.0", "4.2.14"])("installs it when the version is %s", (moto) => {
    expect(planRuntime({ pythons: [python({ moto })], engines: [] })).toEqual({
      kind: "install",
      python: python({ moto }),
    });
  });

  test("has a container engine ready should the installation fail", () => {
    expect(planRuntime({ pythons: [python()], engines: ["docker", "podman"] })).toEqual({
      kind: "install",
      python: python(),
      otherwise: "docker",
    });
  });

  test.each(["3.10.0", "3.13.1", "4.0.0"])("installs with Python %s", (version) => {
    expect(planRuntime({ pythons: [python({ version })], engines: [] })).toMatchObject({ kind: "install" });
  });

  test.each([
    ["is too old", python({ version: "3.9.18" })],
    ["cannot make virtual environments", python({ venv: false })],
  ])("falls back to a container when Python %s", (_, unfit) => {
    expect(planRuntime({ pythons: [unfit], engines: ["podman"] })).toEqual({
      kind: "ready",
      runtime: { kind: "container", engine: "podman" },
    });
    expect(planRuntime({ pythons: [unfit], engines: [] })).toBeUndefined();
  });

  test("takes the first Python that is good enough", () => {
    const plan = planRuntime({
      pythons: [python({ version: "2.7.18" }), python({ version: "3.11.1" })],
      engines: [],
    });

    expect(plan).toMatchObject({ python: { version: "3.11.1" } });
  });
});
