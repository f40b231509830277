import { format, resolveConfig } from "prettier";
import { deploymentSection } from "../deployment/section";
import type { Results } from "./results";
import { synthSection } from "./synth-section";

export const PAGE = "docs/performance.md";

/** What each measurement has to say, in the order of the page. */
const SECTIONS: readonly ((results: Results) => string)[] = [synthSection, deploymentSection];

/** docs/performance.md. The same results give the same bytes. */
export async function page(results: Results): Promise<string> {
  const text = [
    HEAD,
    machine(results),
    ...SECTIONS.map((section) => section(results)),
    MEASURE_IT_YOURSELF,
  ].join("\n\n");
  return format(text, { ...(await resolveConfig(PAGE)), filepath: PAGE });
}

const HEAD = `<!-- Written by \`npm run bench\` from bench/results.json. Change the text in bench/report/. -->

# Performance

How long this project takes, side by side with other ways to describe the same service. Absolute times are those of one machine; ratios carry over to yours better. [Decision 21](decisions/0021-benchmark.md) says how it is measured, and why so.`;

const MEASURE_IT_YOURSELF = `## Measure it yourself

\`\`\`bash
npm run bench                        # everything, and writes this page; leave the machine alone meanwhile
npm run bench -- synth               # synthesis alone, to the terminal
npm run bench -- plan                # terraform plan, beside the older stack
npm run bench -- apply               # the critical path of a deployment
npm run bench -- compare origin/main # what your change does to the time of a synthesis
\`\`\`

The benchmark has packages of its own, among them AWS CDK. It installs them in \`bench/\` the first time, so \`npm ci\` in the project gets none of them. What it ran is in \`bench/.work/\` afterwards, and every single time is in [bench/results.json](../bench/results.json).

On pull requests CI runs \`compare\`: it synthesizes the change and the commit that it started from in turn, and fails when the change takes more than 15 % longer.`;

function machine({ date, machine: { processor, cores, memoryGiB, system }, versions }: Results): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Measured on ${date}: ${processor}, ${cores} cores, ${memoryGiB} GiB of memory, ${system}. ${named.join(", ")}.`;
}
