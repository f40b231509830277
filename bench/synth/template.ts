import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { projectRoot } from "../../local/workspace";
import { BENCH, WORK } from "../places";
import { barrelNames, throughBarrel } from "./barrel-imports";

const DIRECTORY = join(WORK, "template");
const PACKAGES = join(projectRoot, "node_modules");
/** What `cdktf init --template=typescript` copies. */
const TEMPLATE = join(PACKAGES, "@cdktf/cli-core/templates/typescript");

/** What a package of the template's is linked to. */
const LINKS = {
  "@cdktf": join(PACKAGES, "@cdktf"),
  "@types/node": join(PACKAGES, "@types/node"),
  cdktf: join(PACKAGES, "cdktf"),
  constructs: join(PACKAGES, "constructs"),
  typescript: join(PACKAGES, "typescript"),
  "ts-node": join(BENCH, "node_modules/ts-node"),
};

/**
 * Writes this project's stack as a project of the usual CDKTF template: CommonJS, run by ts-node, with the
 * provider's barrel. Returns its directory.
 */
export async function writeTemplateProject(): Promise<string> {
  await rm(DIRECTORY, { recursive: true, force: true });
  await writeSources();
  await writeFile(join(DIRECTORY, "package.json"), '{ "private": true, "main": "main.js" }\n');
  await writeFile(join(DIRECTORY, "tsconfig.json"), await compilerOptions());
  await writeFile(join(DIRECTORY, "cdktf.json"), await appConfiguration());
  for (const [name, target] of Object.entries(LINKS))
    await link(join(DIRECTORY, "node_modules", name), target);
  await link(join(DIRECTORY, "node_modules/.bin"), join(BENCH, "node_modules/.bin"));
  return DIRECTORY;
}

async function writeSources(): Promise<void> {
  const names = barrelNames(await readFile(join(PACKAGES, "@cdktf/provider-aws/lib/index.d.ts"), "utf8"));
  const inSrc = await readdir(join(projectRoot, "src"), { recursive: true });
  const files = ["main.ts", ...inSrc.map((file) => join("src", file))].filter((file) => file.endsWith(".ts"));
  for (const file of files) {
    const written = join(DIRECTORY, file);
    await mkdir(dirname(written), { recursive: true });
    await writeFile(written, throughBarrel(await readFile(join(projectRoot, file), "utf8"), names));
  }
}

/** The template's own, with the newer language that the sources are written in. */
async function compilerOptions(): Promise<string> {
  const template = JSON.parse(await readFile(join(TEMPLATE, "tsconfig.json"), "utf8")) as {
    compilerOptions: object;
  };
  const newer = { target: "ES2022", lib: ["ES2023"], esModuleInterop: true };
  return JSON.stringify({ ...template, compilerOptions: { ...template.compilerOptions, ...newer } }, null, 2);
}

/** The app as the template runs it. The file itself has places to fill in, and is no JSON. */
async function appConfiguration(): Promise<string> {
  const [app] = /"app": ".*"/.exec(await readFile(join(TEMPLATE, "cdktf.json"), "utf8")) ?? [];
  if (app === undefined) throw new Error("cdktf.json of CDKTF's template names no app");
  return `{ ${app} }\n`;
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path, "junction");
}
