import { fileURLToPath } from "node:url";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, describe, expect, it, vi } from "vitest";
import { run } from "../../../local/child-process";
import type { Database } from "../../../ops/db/database";
import { describeRestore, parseArchive, restoreDatabase, withoutExtensions } from "../../../ops/db/restore";
import { fakeAccess } from "./access";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

vi.mock("../../../local/child-process", () => ({ run: vi.fn() }));

// As pg_restore 15 prints it.
const LIST = `;
; Archive created at 2026-11-20 17:00:00 UTC
;     dbname: timeseries
;     TOC Entries: 24
;     Compression: -1
;     Format: CUSTOM
;
2; 3079 16387 EXTENSION - pg_stat_statements 
3340; 0 0 COMMENT - EXTENSION pg_stat_statements 
3; 3079 16500 EXTENSION - hstore 
214; 1259 16386 TABLE public readings tsuser
215; 1259 16390 TABLE public a table with spaces tsuser
218; 0 0 TABLE ATTACH public part_1 tsuser
3330; 0 16386 TABLE DATA public readings tsuser
3331; 0 16390 TABLE DATA public a table with spaces tsuser
`;

const database: Database = {
  identifier: "the-postgres",
  host: "the-host",
  port: 5432,
  name: "timeseries",
  username: "tsuser",
  engineVersion: "15.14",
  instance: {},
};

describe("the contents of a dump", () => {
  it("are its tables, once each", () => {
    expect(parseArchive(LIST)).toEqual({
      list: LIST,
      createdAt: "2026-11-20 17:00:00 UTC",
      database: "timeseries",
      tables: ["public.readings", "public.a table with spaces"],
    });
  });
});

describe("a restore", () => {
  const rds = mockClient(RDSClient);
  afterAll(() => rds.restore());

  it("is refused before anybody is asked where pg_restore is too new for the server", async () => {
    rds.on(DescribeDBInstancesCommand).resolves({
      DBInstances: [
        {
          DBInstanceIdentifier: "the-postgres",
          Endpoint: { Address: "the-host", Port: 5432 },
          DBName: "timeseries",
          MasterUsername: "tsuser",
          EngineVersion: "16.4",
        },
      ],
    });
    vi.mocked(run).mockImplementation((_, [argument]) =>
      Promise.resolve({
        exitCode: 0,
        stdout: argument === "--version" ? "pg_restore (PostgreSQL) 17.2" : LIST,
        stderr: "",
      }),
    );
    const access = fakeAccess();
    const file = fileURLToPath(import.meta.url);

    await expect(restoreDatabase(access, { file, confirmed: "timeseries", hours: 1 })).rejects.toMatchObject({
      message: expect.stringContaining("pg_restore 17 is too new for PostgreSQL 16"),
      remedy: expect.stringContaining("version 16: https://"),
    });
    expect(access.said).toEqual([]);
  });
});

describe("the extensions of a dump", () => {
  it("are left as they are where they are there", () => {
    const wanted = withoutExtensions(LIST, ["plpgsql", "pg_stat_statements"]);

    expect(wanted).not.toContain("pg_stat_statements");
    expect(wanted).toContain("EXTENSION - hstore");
    expect(wanted.split("\n")).toHaveLength(LIST.split("\n").length - 2);
  });
});

describe("what is said before a restore", () => {
  it("names the tables that go, the server, and the way back", () => {
    const text = describeRestore(parseArchive(LIST), database, "/a.dump");

    expect(text).toContain("public.readings, public.a table with spaces");
    expect(text).toContain("timeseries on the-host");
    expect(text).toContain("aws rds create-db-snapshot --db-instance-identifier the-postgres");
  });

  it("counts the tables after the first ten", () => {
    const tables = Array.from({ length: 12 }, (_, index) => `public.t${index}`);

    expect(describeRestore({ createdAt: "-", database: "-", tables }, database, "/a")).toContain(
      "t9 and 2 more",
    );
  });
});
