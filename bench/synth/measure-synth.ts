import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Step } from "../../ops/quiet-step";
import { measure } from "../run/measure";
import { inOrderOf } from "../run/rounds";
import { byMeasure, type Comparison, type Sample } from "../run/samples";
import { awsCdkContenders } from "./aws-cdk";
import { appContender, mustSynthesizeTheSame, projectContenders } from "./cdktf";
import type { Contender, ContenderId } from "./contender";
import { editedContender } from "./edited";
import { writeTemplateProject } from "./template";

export interface MeasureOptions {
  /** How often each contender runs, after two runs that are not counted: the runner keeps its source from the second on. */
  readonly rounds: number;
  readonly step: Step;
  readonly signal: AbortSignal;
}

/** Synthesizes with every contender in turn. */
export async function measureSynth({
  rounds,
  step,
  signal,
}: MeasureOptions): Promise<Comparison<ContenderId>> {
  const contenders = await step("Prepare the contenders", async () => [
    ...(await projectContenders()),
    await editedContender(),
    await appContender("template", await writeTemplateProject()),
    ...(await awsCdkContenders(signal)),
  ]);
  const directory = await mkdtemp(join(tmpdir(), "bench-synth-"));
  const outdirOf = (id: ContenderId) => join(directory, id);
  const runOnce = async ({ id, prepare, program }: Contender): Promise<Sample> => {
    await rm(outdirOf(id), { recursive: true, force: true });
    await prepare?.();
    return measure(program(outdirOf(id)), signal);
  };
  try {
    await step("Run each twice, uncounted", async (report) => {
      for (const contender of [...contenders, ...contenders]) {
        report(contender.id);
        await runOnce(contender);
      }
      for (const id of ["project-edited", "project-cli", "template"] as const) {
        await mustSynthesizeTheSame(outdirOf("project"), outdirOf(id));
      }
    });
    const runs = new Map<ContenderId, Sample[]>(contenders.map(({ id }) => [id, []]));
    await step(`Synthesize, ${rounds} rounds`, async (report) => {
      for (let round = 0; round < rounds; round++) {
        for (const contender of inOrderOf(round, contenders)) {
          report(`round ${round + 1}: ${contender.id}`);
          runs.get(contender.id)?.push(await runOnce(contender));
        }
      }
    });
    const measured = contenders.map(async ({ id, resources }) => [
      id,
      {
        ...(resources && { resources: await resources(outdirOf(id)) }),
        ...byMeasure(runs.get(id) ?? []),
      },
    ]);
    return Object.fromEntries(await Promise.all(measured)) as Comparison<ContenderId>;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
