import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { obstacles, writeNewFiles } from "../../adopt/destination";
import { secretsOf, withoutSecrets } from "../../adopt/secrets";
import { parseState } from "../../adopt/state";
import { stateFile } from "./older";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "destination-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const file = (name: string, text = name) => ({ file: path.join(directory, name), text });

describe("obstacles", () => {
  it("are none in an empty directory, nor where the same file is already", async () => {
    await writeFile(file("a").file, "a");

    expect(await obstacles(directory, [file("a"), file("b")])).toEqual([]);
  });

  it("are other files of that name, and the way to move them", async () => {
    await writeFile(file("terraform.tfvars").file, "mine");

    expect(await obstacles(directory, [file("terraform.tfvars")])).toEqual([
      expect.stringMatching(
        /terraform\.tfvars is in the way.*\n {2}mv terraform\.tfvars terraform\.tfvars\.before$/,
      ),
    ]);
  });

  it.each(["terraform.tfvars.json", "x.auto.tfvars", "x.auto.tfvars.json"])(
    "are values that would be mixed with the older project's: %s",
    async (name) => {
      await writeFile(file(name).file, "");

      expect(await obstacles(directory, [])).toHaveLength(1);
    },
  );
});

describe("writeNewFiles", () => {
  it("writes for this user's eyes only", async () => {
    expect(await writeNewFiles([file("a"), file("b")])).toEqual([file("a").file, file("b").file]);
    expect((await stat(file("a").file)).mode & 0o777).toBe(0o600);
  });

  it("writes nothing when one of them is there", async () => {
    await writeFile(file("b").file, "mine");

    await expect(writeNewFiles([file("a"), file("b")])).rejects.toThrow("has just appeared");
    expect(await readdir(directory)).toEqual(["b"]);
    expect(await readFile(file("b").file, "utf8")).toBe("mine");
  });

  it("removes what it wrote when the last step fails, and leaves what was there", async () => {
    await writeFile(file("a").file, "a");
    const fails = async () => {
      throw new Error("no connection");
    };

    await expect(writeNewFiles([file("a"), file("b")], fails)).rejects.toThrow("no connection");
    expect(await readdir(directory)).toEqual(["a"]);
  });
});

describe("withoutSecrets", () => {
  it("hides every secret of the state and the values, the longest first", () => {
    const state = parseState(
      stateFile([
        { address: "aws_db_instance.postgres", attributes: { password: "old-password" } },
        {
          address: "aws_secretsmanager_secret_version.database_url",
          attributes: { secret_string: "postgresql://u:old-password@h" },
        },
      ]),
      "terraform.tfstate",
    );
    const secrets = secretsOf(state, { db_password: "new-password", api_key: "key", db_name: "visible" });

    expect(
      withoutSecrets("postgresql://u:old-password@h old-password new-password key visible", secrets),
    ).toBe("(secret) (secret) (secret) key visible");
  });
});
