import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "runner-test-"));
  await cp("runner", join(project, "runner"), { recursive: true });
  await mkdir(join(project, "node_modules", "greeting"), { recursive: true });
  await symlink(resolve("node_modules/esbuild"), join(project, "node_modules", "esbuild"));
  await write("node_modules/greeting/package.json", '{ "name": "greeting", "version": "1.0.0" }');
  await write("node_modules/greeting/index.js", 'module.exports = { greeting: "hello" };');
  await write("whom.ts", 'export const whom: string = "world";');
  await write(
    "main.ts",
    'import { greeting } from "greeting";\nimport { whom } from "./whom";\nconsole.log(greeting, whom);',
  );
});

afterEach(() => rm(project, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFile(join(project, file), text);
const run = async () =>
  (await execa(process.execPath, ["runner/run.mjs", "main.ts"], { cwd: project })).stdout;
const cached = () => readdir(join(project, "node_modules", ".cache", "runner"));

describe("the runner", () => {
  it("runs TypeScript, and keeps the packages in one file for the next time", async () => {
    expect(await run()).toBe("hello world");
    const files = await cached();
    expect(files).toHaveLength(2);

    const [bundle = ""] = files.filter((file) => file.endsWith(".cjs"));
    const path = join(project, "node_modules", ".cache", "runner", bundle);
    await writeFile(path, (await readFile(path, "utf8")).replace("hello", "kept hello"));
    expect(await run()).toBe("kept hello world");
    expect(await cached()).toEqual(files);
  });

  it("shows an edit at once, of the source or of a package", async () => {
    await run();
    await write("whom.ts", 'export const whom: string = "moon";');
    await write("node_modules/greeting/index.js", 'module.exports = { greeting: "good morning" };');

    expect(await run()).toBe("good morning moon");
  });

  it("can run several times at once, with nothing kept yet", async () => {
    expect(await Promise.all([run(), run(), run()])).toEqual(Array(3).fill("hello world"));
    expect(await cached()).toHaveLength(2);
  });

  it("runs where nothing can be kept, as in a read-only checkout", async () => {
    await write("node_modules/.cache", "a file, so that no directory can be made");

    expect(await run()).toBe("hello world");
  });

  it("ends with an error that names the line of the source", async () => {
    await write(
      "whom.ts",
      'interface Gone {\n  name: string;\n}\nthrow new Error("no world");\nexport const whom = {} as Gone;',
    );
    const { exitCode, stderr } = await execa(process.execPath, ["runner/run.mjs", "main.ts"], {
      cwd: project,
      reject: false,
    });

    expect(exitCode).toBe(1);
    expect(stderr).toContain("no world");
    expect(stderr).toContain("whom.ts:4");
  });
});
