import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { BENCH, WORK } from "../places";
import { appCommand } from "../run/app-command";
import { measure } from "../run/measure";
import type { Contender } from "./contender";

const DIRECTORY = join(WORK, "aws-cdk");

/** The app in contenders/aws-cdk, compiled beforehand and by ts-node. */
export async function awsCdkContenders(signal: AbortSignal): Promise<readonly Contender[]> {
  await rm(DIRECTORY, { recursive: true, force: true });
  await cp(join(BENCH, "contenders/aws-cdk"), DIRECTORY, { recursive: true });
  await measure({ file: "npx", args: ["tsc"], cwd: DIRECTORY, env: {} }, signal);

  const contender = (
    id: Contender["id"],
    [file, ...args]: readonly [string, ...string[]],
    env: Record<string, string> = {},
  ): Contender => ({
    id,
    program: (outdir) => ({ file, args, cwd: DIRECTORY, env: { ...env, CDK_OUTDIR: outdir } }),
    resources: countResources,
  });
  return [
    contender("aws-cdk", ["node", "app.js"]),
    contender("aws-cdk-unvalidated", ["node", "app.js"], { CDK_VALIDATION: "false" }),
    contender("aws-cdk-ts-node", await appCommand(join(DIRECTORY, "cdk.json"))),
  ];
}

async function countResources(outdir: string): Promise<number> {
  const template = await readFile(join(outdir, "TimeSeriesAnalyzer.template.json"), "utf8");
  return Object.keys((JSON.parse(template) as { Resources: object }).Resources).length;
}
