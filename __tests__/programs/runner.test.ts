import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "runner-test-"));
  await cp("runner", join(project, "runner"), { recursive: true });
  await write("node_modules/greeting/package.json", '{ "name": "greeting", "version": "1.0.0" }');
  await symlink(resolve("node_modules/esbuild"), join(project, "node_modules", "esbuild"));
  await write("node_modules/greeting/index.js", 'module.exports = { greeting: "hello" };');
  await write("package.json", '{ "imports": { "#mood": "./moods/calm.ts" } }');
  await write("tsconfig.json", "{}");
  await write("whom.ts", 'export const whom: string = "world";');
  await write(
    "main.ts",
    'import { greeting } from "greeting";\nimport { whom } from "./whom";\nconsole.log(greeting, whom);',
  );
});

afterEach(() => rm(project, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, file)), { recursive: true });
  await writeFile(join(project, file), text);
}

const start = () => execa(process.execPath, ["runner/run.mjs", "main.ts"], { cwd: project, reject: false });

async function run(): Promise<string> {
  const { exitCode, stdout, stderr } = await start();
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  return stdout;
}

/** Runs until the compiled source is kept: what an earlier run knows of its files has to say that none changed. */
async function runUntilKept(): Promise<string> {
  await run();
  const output = await run();
  expect(JSON.parse(await readFile(await keptSource(), "utf8"))).toHaveProperty("digest");
  return output;
}

const cache = () => join(project, "node_modules", ".cache", "runner");
const cached = () => readdir(cache());
const kept = async (name: RegExp) =>
  join(cache(), (await cached()).find((file) => name.test(file)) ?? "no such file");
const keptSource = () => kept(/^source-/);
const keptPackages = () => kept(/^packages-.*\.cjs$/);

async function replaceIn(file: string, text: string, replacement: string): Promise<void> {
  const before = await readFile(file, "utf8");
  expect(before).toContain(text);
  await writeFile(file, before.replace(text, replacement));
}

/** Whether a run now would compile the source: it then does without a mark in the text that is kept. */
async function compiles(): Promise<boolean> {
  const file = await keptSource();
  const before = await readFile(file, "utf8");
  await replaceIn(file, "console.log(", 'console.log(\\"kept:\\", ');
  const output = await run();
  await writeFile(file, before);
  return !output.startsWith("kept:");
}

describe("the runner", () => {
  it("runs TypeScript, and keeps what it compiled and the packages for the next time", async () => {
    expect(await runUntilKept()).toBe("hello world");
    const files = await cached();
    expect(files).toHaveLength(3);

    await replaceIn(await keptPackages(), "hello", "HELLO");
    await replaceIn(await keptSource(), "console.log(", 'console.log(\\"kept:\\", ');
    expect(await run()).toBe("kept: HELLO world");
    expect(await cached()).toEqual(files);
  });

  it("gives a program its arguments, and each module its own place", async () => {
    await write(
      "places/whom.ts",
      "const { dirname, filename, url } = import.meta;\n" +
        'export const whom = ["import.meta", dirname, filename, url, ...process.argv.slice(1)];',
    );
    await write("main.ts", 'import { whom } from "./places/whom";\nconsole.log(whom.join("\\n"));');
    const { stdout } = await execa(
      process.execPath,
      ["runner/run.mjs", "main.ts", "one", "--two=three", "four five"],
      { cwd: project },
    );

    const places = join(project, "places");
    const args = ["one", "--two=three", "four five"];
    expect(stdout.split("\n")).toEqual([
      "import.meta",
      places,
      join(places, "whom.ts"),
      pathToFileURL(join(places, "whom.ts")).href,
      join(project, "main.ts"),
      ...args,
    ]);
  });

  it("runs packages that are ES modules, and leaves an import() to Node", async () => {
    await write("node_modules/greeting/package.json", '{ "name": "greeting", "type": "module" }');
    await write("node_modules/greeting/index.js", 'export const greeting = "hello";');
    await write(
      "node_modules/place/package.json",
      '{ "name": "place", "type": "module", "exports": "./index.js" }',
    );
    await write("node_modules/place/index.js", "export default () => import.meta.url;");
    await write("whom.ts", 'export const whom = (async () => (await import("place")).default())();');
    await replaceIn(
      join(project, "main.ts"),
      "console.log(greeting, whom);",
      "whom.then((w) => console.log(greeting, w));",
    );
    const expected = `hello ${pathToFileURL(join(project, "node_modules/place/index.js")).href}`;

    expect(await runUntilKept()).toBe(expected);
    expect(await run()).toBe(expected);
  });

  it("ends with an error when a program has nothing left to wait for and is not done", async () => {
    await write("main.ts", "export const done = new Promise(() => undefined);");

    expect((await start()).exitCode).toBe(13);
  });

  it("refuses a package that asks for its place, and names it", async () => {
    await write("node_modules/greeting/package.json", '{ "name": "greeting", "type": "module" }');
    await write("node_modules/greeting/index.js", "export const greeting = import.meta.url;");

    const { exitCode, stderr } = await start();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("node_modules/greeting/index.js:1:");
  });

  it("has no need of esbuild while nothing changes", async () => {
    await runUntilKept();
    const manifest = await readFile("node_modules/esbuild/package.json", "utf8");
    await rm(join(project, "node_modules", "esbuild"));
    await write("node_modules/esbuild/package.json", manifest);

    expect(await run()).toBe("hello world");
  });

  it("shows an edit at once, of the source or of a package", async () => {
    await runUntilKept();
    await write("whom.ts", 'export const whom: string = "moon";');
    await write("node_modules/greeting/index.js", 'module.exports = { greeting: "good morning" };');

    expect(await run()).toBe("good morning moon");
    expect(await compiles()).toBe(false);
  });

  it("imports another package at once", async () => {
    await runUntilKept();
    await write("node_modules/farewell/index.js", 'module.exports = { greeting: "good bye" };');
    await replaceIn(join(project, "main.ts"), '"greeting"', '"farewell"');

    expect(await run()).toBe("good bye world");
  });

  it.each([
    ["x.tsx over x.ts", "whom.ts", "whom.tsx"],
    ["x.ts over x/index.ts", "whom/index.ts", "whom.ts"],
    ["x/index.ts over x/index.js", "whom/index.js", "whom/index.ts"],
    ["x.ts over x.json", "whom.json", "whom.ts"],
  ])("sees a new file that stands before another: %s", async (_, before, after) => {
    const textFor = (file: string, whom: string) =>
      file.endsWith(".json") ? `{ "whom": "${whom}" }` : `export const whom = "${whom}";`;
    await rm(join(project, "whom.ts"));
    await write(before, textFor(before, "sun"));
    expect(await runUntilKept()).toBe("hello sun");
    await write(after, textFor(after, "moon"));

    expect(await run()).toBe("hello moon");
  });

  it("sees where a link leads", async () => {
    await write("moons/whom.ts", 'export const whom = "moon";');
    await write("suns/whom.ts", 'export const whom = "sun";');
    await write("whom.ts", 'export { whom } from "./links/here/whom";');
    await mkdir(join(project, "links"));
    await symlink("../suns", join(project, "links", "here"));
    expect(await runUntilKept()).toBe("hello sun");
    await rm(join(project, "links", "here"));
    await symlink("../moons", join(project, "links", "here"));

    expect(await run()).toBe("hello moon");
  });

  it("ends with esbuild's error when a file of the source is gone", async () => {
    await runUntilKept();
    await rm(join(project, "whom.ts"));

    const { exitCode, stderr } = await start();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Could not resolve "./whom"');
  });

  it.each([
    ["tsconfig.json", '{ "compilerOptions": { "paths": { "#mood": ["./moods/wild.ts"] } } }'],
    ["package.json", '{ "imports": { "#mood": "./moods/wild.ts" } }'],
  ])("sees an edit in %s", async (file, text) => {
    await write("moods/calm.ts", 'export const whom = "calm";');
    await write("moods/wild.ts", 'export const whom = "wild";');
    await write("whom.ts", 'export { whom } from "#mood";');
    expect(await runUntilKept()).toBe("hello calm");
    await write(file, text);

    expect(await run()).toBe("hello wild");
  });

  it("sees an edit in the runner itself", async () => {
    await runUntilKept();
    await replaceIn(join(project, "runner", "source.mjs"), '"node20"', '"node22"');

    expect(await compiles()).toBe(true);
  });

  it("compiles nothing anew because of files that are no source", async () => {
    await runUntilKept();
    await write("cdktf.out/stacks/a/cdk.tf.json", "{}");
    await write(".local/emulator.json", "{}");
    await write("node_modules/farewell/index.js", "");
    await write("terraform.tfvars", 'region = "us-west-2"');
    await write("__tests__/whom.test.ts", "");

    expect(await compiles()).toBe(false);
  });

  it("does not use what was edited while it was compiled", async () => {
    await runUntilKept();
    await write("node_modules/edit.cjs", EDITS_WHILE_ESBUILD_WORKS);
    await replaceIn(join(project, "main.ts"), "console.log(", "console.log( ");
    await execa(process.execPath, ["--require", "./node_modules/edit.cjs", "runner/run.mjs", "main.ts"], {
      cwd: project,
    });
    const [lastEdit] = /edit \d+/.exec(await readFile(join(project, "whom.ts"), "utf8")) ?? [];
    const afterwards = await readFile(await keptSource());

    expect(await run()).toBe(`hello ${lastEdit}`);
    await writeFile(await keptSource(), afterwards);
    await write("whom.ts", 'export const whom: string = "world";');
    expect(await run()).toBe("hello world");
  });

  it("shows a warning of esbuild's each time", async () => {
    await write("whom.ts", 'export const whom = typeof process === "strnig" ? "moon" : "world";');
    for (const run of [1, 2, 3]) {
      const { stdout, stderr } = await start();
      expect(stdout).toBe("hello world");
      expect(stderr, `of run ${run}`).toContain("strnig");
    }
  });

  it.each([
    ["truncated", (file: string) => truncate(file, 100)],
    ["no record of the runner's", (file: string) => writeFile(file, "null")],
  ])("makes anew what is kept when it is %s", async (_, damage) => {
    await runUntilKept();
    await damage(await keptSource());
    await damage(await keptPackages());
    expect(await run()).toBe("hello world");

    await damage(await keptSource());
    await damage(await kept(/^packages-.*\.json$/));
    expect(await run()).toBe("hello world");
  });

  it("can run several times at once, with nothing kept yet", async () => {
    expect(await Promise.all([run(), run(), run()])).toEqual(Array(3).fill("hello world"));
    expect(await cached()).toHaveLength(3);
  });

  it("can run several times at once after an edit", async () => {
    await runUntilKept();
    await write("whom.ts", 'export const whom: string = "moon";');

    expect(await Promise.all([run(), run(), run()])).toEqual(Array(3).fill("hello moon"));
    expect(await cached()).toHaveLength(3);
    expect(await compiles()).toBe(false);
  });

  it("runs where nothing can be kept, as in a read-only checkout", async () => {
    await write("node_modules/.cache", "a file, so that no directory can be made");

    expect(await run()).toBe("hello world");
    expect(await run()).toBe("hello world");
  });

  it("runs from another directory, with what was kept from here", async () => {
    await runUntilKept();
    await replaceIn(await keptSource(), "console.log(", 'console.log(\\"kept:\\", ');
    const { stdout } = await execa(process.execPath, [
      join(project, "runner/run.mjs"),
      join(project, "main.ts"),
    ]);

    expect(stdout).toBe("kept: hello world");
  });

  it("ends with an error that names the line of the source, each time", async () => {
    await write(
      "whom.ts",
      'interface Gone {\n  name: string;\n}\nif (process.env.FAIL) throw new Error("no world");\nexport const whom = {} as Gone;',
    );
    await write("main.ts", 'import { whom } from "./whom";\nconsole.log(whom);');
    const fail = async () => {
      const { exitCode, stderr } = await execa(process.execPath, ["runner/run.mjs", "main.ts"], {
        cwd: project,
        env: { FAIL: "1" },
        reject: false,
      });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("no world");
      expect(stderr).toContain("whom.ts:4");
    };

    await fail();
    await runUntilKept();
    await fail();
  });
});

/** Edits whom.ts when the runner has looked at it, and whenever esbuild says something: last when it is done. */
const EDITS_WHILE_ESBUILD_WORKS = `
const childProcess = require("node:child_process");
const { writeFileSync } = require("node:fs");
const { spawn } = childProcess;
let edits = 0;
const edit = () => writeFileSync("whom.ts", \`export const whom: string = "edit \${++edits}";\`);
childProcess.spawn = (...args) => {
  edit();
  const esbuild = spawn(...args);
  esbuild.stdout.on("data", edit);
  return esbuild;
};
`;
