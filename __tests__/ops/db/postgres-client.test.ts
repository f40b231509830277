import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../../../local/child-process";
import type { Database } from "../../../ops/db/database";
import { checkDumpTool, libpqEnvironment, majorVersion, queryJson } from "../../../ops/db/postgres-client";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

vi.mock("../../../local/child-process", () => ({ run: vi.fn() }));

const database: Database = {
  identifier: "the-postgres",
  host: "the-host",
  port: 5432,
  name: "timeseries",
  username: "tsuser",
  engineVersion: "15.14",
  instance: {},
};
const connection = { database, localPort: 15432, password: "a-password" };
const { signal } = new AbortController();

beforeEach(() => {
  vi.mocked(run).mockReset();
});

describe("the environment of a client", () => {
  it("names the server and the way to it apart, and asks for TLS", () => {
    expect(libpqEnvironment(connection, {})).toEqual({
      PGHOST: "the-host",
      PGHOSTADDR: "127.0.0.1",
      PGPORT: "15432",
      PGDATABASE: "timeseries",
      PGUSER: "tsuser",
      PGPASSWORD: "a-password",
      PGAPPNAME: "ops db",
      PGSSLMODE: "require",
    });
  });

  it("checks the server's certificate where its issuer is given", () => {
    expect(libpqEnvironment(connection, { PGSSLROOTCERT: "/rds.pem" })).toMatchObject({
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: "/rds.pem",
    });
  });

  it("has no setting of the user's that leads elsewhere", () => {
    const environment = libpqEnvironment(connection, {
      PATH: "/bin",
      PGSERVICE: "elsewhere",
      PGSSLMODE: "disable",
      PGPASSFILE: "/x",
    });

    expect(environment).toMatchObject({ PATH: "/bin", PGSSLMODE: "require" });
    expect(environment).not.toHaveProperty("PGSERVICE");
    expect(environment).not.toHaveProperty("PGPASSFILE");
  });
});

describe("a version", () => {
  it.each([
    ["psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15],
    ["pg_dump (PostgreSQL) 17.2", 17],
    ["psql (PostgreSQL) 18beta1", 18],
  ])("of %s is %i", async (stdout, major) => {
    vi.mocked(run).mockResolvedValue({ exitCode: 0, stdout, stderr: "" });

    expect(await majorVersion("psql", signal)).toBe(major);
  });

  it("is asked for where the tool is missing", async () => {
    vi.mocked(run).mockRejectedValue(new Error("psql could not be started"));

    await expect(majorVersion("psql", signal)).rejects.toMatchObject({
      message: "psql was not found.",
      remedy: expect.stringContaining("https://www.postgresql.org/download/"),
    });
  });

  it.each([
    [15, "15.14"],
    [16, "15.14"],
    [17, "17.2"],
    [18, "17.2"],
  ])("%i of pg_dump is right for a server %s", async (major, engineVersion) => {
    vi.mocked(run).mockResolvedValue({ exitCode: 0, stdout: `pg_dump (PostgreSQL) ${major}.1`, stderr: "" });

    await expect(checkDumpTool({ ...database, engineVersion }, signal)).resolves.toBeUndefined();
  });

  it.each([
    [14, "15.14", "pg_dump 14 cannot dump PostgreSQL 15", 16],
    [17, "18.1", "pg_dump 17 cannot dump PostgreSQL 18", 18],
    [17, "15.14", "pg_dump 17 is too new for PostgreSQL 15", 16],
    [18, "16.1", "pg_dump 18 is too new for PostgreSQL 16", 16],
  ])("%i of pg_dump is refused for a server %s", async (major, engineVersion, message, wanted) => {
    vi.mocked(run).mockResolvedValue({ exitCode: 0, stdout: `pg_dump (PostgreSQL) ${major}.1`, stderr: "" });

    await expect(checkDumpTool({ ...database, engineVersion }, signal)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(`version ${wanted}: https://`),
    });
  });
});

describe("a query", () => {
  it("has the password in the environment alone", async () => {
    vi.mocked(run).mockResolvedValue({ exitCode: 0, stdout: '{"a":1}\n', stderr: "" });

    expect(await queryJson(connection, "select 1", signal)).toEqual({ a: 1 });
    const [file, args, options] = vi.mocked(run).mock.calls[0] ?? [];
    expect(JSON.stringify([file, args])).not.toContain("a-password");
    expect(options?.env.PGPASSWORD).toBe("a-password");
  });

  it("fails with what psql says", async () => {
    vi.mocked(run).mockResolvedValue({ exitCode: 2, stdout: "", stderr: "FATAL: no such role\n" });

    await expect(queryJson(connection, "select 1", signal)).rejects.toThrow(
      "psql failed: FATAL: no such role",
    );
  });
});
