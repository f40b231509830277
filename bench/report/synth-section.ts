import { table } from "../../scripts/reference-tables";
import { median } from "../statistics";
import type { ContenderId } from "../synth/contender";
import { comparisonTable } from "./comparison-table";
import { mebibytes, ratio, seconds, times } from "./numbers";
import type { Results } from "./results";

/** What the page and the plot call the contenders. */
export const SYNTH_NAMES: Readonly<Record<ContenderId, string>> = {
  project: "This project",
  "project-edited": "This project, after an edit",
  "project-cli": "This project by `npx cdktf synth`",
  loading: "Loading its packages, nothing else",
  template: "CDKTF's TypeScript template",
  "aws-cdk": "AWS CDK, compiled",
  "aws-cdk-unvalidated": "AWS CDK, compiled, no validation",
  "aws-cdk-ts-node": "AWS CDK, ts-node",
};

/** What synthesis is aimed at. */
const LIMITS = { timesLoading: 1.8, peakMiB: 110, cliSeconds: 2.2 } as const;

export function synthSection({ synth }: Results): string {
  const rounds = synth.project.wallSeconds.length;
  return `## Synthesis

![Time and peak memory of a synthesis with each contender](performance.svg)

Medians of ${rounds} rounds. In each round every contender runs once, in another order. A ratio says how many times as long as this project something takes. Half of the runs were within the middle half.

${comparisonTable(synth, SYNTH_NAMES, "project")}

CPU time is that of all Node.js processes of the command together, and peak memory that of the largest of them. esbuild, which compiles this project after an edit, is no Node.js process: it counts in the time alone.

### What is compared

- **This project** synthesizes its whole stack from TypeScript, with its own runner, into an empty directory. The command is the one that \`cdktf.json\` names and \`npm run synth\` runs; \`npx cdktf synth\` runs it inside CDKTF's command line. What the runner [keeps](decisions/0019-runner.md), the compiled source and the packages in one file, is there already, as in every run in which nothing was edited.
- **After an edit** it is the same, but a comment in \`main.ts\` is another one in each run, so that all source is compiled anew.
- **Loading its packages** is the least that a CDKTF app has to do: Node.js starts, and loads cdktf, constructs and the \`@cdktf/provider-aws/lib/…\` files that the stack imports. It makes nothing.
- **CDKTF's TypeScript template** is the same stack in a project as \`cdktf init --template=typescript\` makes it: CommonJS, \`npx ts-node main.ts\` with type checking, and the provider imported from \`@cdktf/provider-aws\`. The benchmark writes it from this project's sources, changes only the imports, and stops unless both synthesize the same. Two things differ from the template: a newer language level in \`tsconfig.json\`, and \`skipValidation\`, which spares it a start of Terraform, as it does here.
- **AWS CDK** is [another app](../bench/contenders/aws-cdk/app.ts) for the same kind of service: \`ApplicationLoadBalancedFargateService\` with a VPC, RDS for PostgreSQL, two ECR repositories and secrets. It makes CloudFormation, fewer resources, and has no alarms, dashboard, firewall, network ACLs or frontend; those it would have to synthesize too. *Compiled* was compiled beforehand, which is not counted. AWS CDK checks its templates while it synthesizes, which this project leaves to \`npm run check\` and to the plan: *no validation* is with \`CDK_VALIDATION=false\`. Its command line (\`cdk synth\`) is not measured.

### Targets

${targets(synth)}`;
}

function targets(synth: Results["synth"]): string {
  const rows: [what: string, measured: number, limit: number, unit: (value: number) => string][] = [
    [
      "Time, as a ratio to loading its packages",
      ratio(synth.project.wallSeconds, synth.loading.wallSeconds),
      LIMITS.timesLoading,
      times,
    ],
    ["Peak memory", median(synth.project.peakMiB), LIMITS.peakMiB, mebibytes],
    [
      "Time by `npx cdktf synth`, on two cores",
      median(synth["project-cli"].wallSeconds),
      LIMITS.cliSeconds,
      seconds,
    ],
  ];
  return table(
    ["", "Target", "Measured", ""],
    rows.map(([what, measured, limit, unit]) => [
      what,
      `at most ${unit(limit)}`,
      unit(measured),
      measured <= limit ? "met" : "missed",
    ]),
  );
}
