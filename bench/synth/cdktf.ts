import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { projectRoot } from "../../local/workspace";
import { EXIT, Problem } from "../../ops/problem";
import { packagesOf } from "../../runner/packages.mjs";
import { appCommand } from "../run/app-command";
import type { Contender } from "./contender";

const STACK = "stacks/time-series-analyzer/cdk.tf.json";

/** This project in two ways, and the least that both have to do. */
export async function projectContenders(): Promise<readonly Contender[]> {
  const loading = (await packagesOfApp()).map((name) => `require(${JSON.stringify(name)});`).join("");
  const inProject = { cwd: projectRoot, env: {} };
  return [
    await appContender("project", projectRoot),
    {
      id: "project-cli",
      program: (outdir) => ({ ...inProject, file: "npx", args: ["cdktf", "synth", "--output", outdir] }),
      resources: countResources,
    },
    { id: "loading", program: () => ({ ...inProject, file: "node", args: ["--eval", loading] }) },
  ];
}

/** A project of CDKTF, run by the command that its cdktf.json names. */
export async function appContender(id: Contender["id"], directory: string): Promise<Contender> {
  const [file, ...args] = await appCommand(join(directory, "cdktf.json"));
  return {
    id,
    program: (outdir) => ({ file, args, cwd: directory, env: { CDKTF_OUTDIR: outdir } }),
    resources: countResources,
  };
}

/** The configuration that was synthesized into `outdir`, without cdktf's notes, as text to compare. */
export async function configuration(outdir: string): Promise<string> {
  return JSON.stringify(await stack(outdir));
}

/** @throws a Problem when two of them did not synthesize the same. */
export async function mustSynthesizeTheSame(outdir: string, other: string): Promise<void> {
  if ((await configuration(outdir)) === (await configuration(other))) return;
  throw new Problem(
    "The project and its copy in the usual template synthesize different resources.",
    "Compare what bench/synth/template.ts wrote to bench/.work/template with the sources.",
    EXIT.failed,
  );
}

async function countResources(outdir: string): Promise<number> {
  const { resource } = await stack(outdir);
  return Object.values(resource).flatMap((byName) => Object.keys(byName)).length;
}

async function stack(outdir: string): Promise<{ resource: Record<string, object> }> {
  return JSON.parse(await readFile(join(outdir, STACK), "utf8"), (key, value) =>
    key === "//" ? undefined : value,
  );
}

/** What the app imports: cdktf, constructs, and a file of the provider for each kind of resource. */
async function packagesOfApp(): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [join(projectRoot, "main.ts")],
    bundle: true,
    packages: "external",
    platform: "node",
    write: false,
    metafile: true,
  });
  return packagesOf(metafile);
}
