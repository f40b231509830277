import Table from "cli-table3";
import { type Estimate, LEFT_OUT, type Switch } from "./estimate";
import { PRICES_OF } from "./prices";

/** What the estimate is of. */
export interface Subject {
  readonly environment: string;
  readonly region: string;
}

/** The estimate for a terminal. */
export function asText(estimate: Estimate, subject: Subject): string {
  return [
    title(subject),
    table(
      ["Line", "Quantity", "$ a month"],
      [
        ...estimate.lines.map(({ item, quantity, monthly }) => [item, quantity, dollars(monthly)]),
        ...totals(estimate),
      ],
    ),
    "What another setting would cost or save:",
    table(["Setting", "$ a month", ""], estimate.switches.map(switchRow)),
    `Not in it, because use decides:\n${LEFT_OUT.map((each) => `- ${each}`).join("\n")}`,
    notes(estimate).join("\n"),
  ].join("\n\n");
}

/** The estimate for a comment on a pull request. */
export function asMarkdown(estimate: Estimate, subject: Subject): string {
  return [
    `#### ${title(subject)}`,
    markdownTable(
      ["Line", "Quantity", "$ a month"],
      [
        ...estimate.lines.map(({ item, quantity, monthly }) => [item, quantity, dollars(monthly)]),
        ...totals(estimate).map((row) => row.map((cell) => cell && `**${cell}**`)),
      ],
    ),
    notes(estimate).join(" "),
    details(
      "What another setting would cost or save",
      markdownTable(
        ["Setting", "$ a month", ""],
        estimate.switches.map(switchRow).map(([setting, ...rest]) => [`\`${setting}\``, ...rest]),
      ),
    ),
    details("Not in it, because use decides", LEFT_OUT.map((each) => `- ${each}`).join("\n")),
  ].join("\n\n");
}

function title({ environment, region }: Subject): string {
  return `What a month of ${environment} in ${region} costs`;
}

function totals({ total, totalAtMost }: Estimate): string[][] {
  return [
    ["Together", "with the fewest tasks", dollars(total)],
    ...(totalAtMost > total ? [["", "with the most tasks, all month", dollars(totalAtMost)]] : []),
  ];
}

function switchRow({ setting, monthly, note = "" }: Switch): [string, string, string] {
  return [setting, monthly === null ? "" : `${monthly > 0 ? "+" : ""}${dollars(monthly)}`, note];
}

function notes({ notes: own }: Estimate): string[] {
  return [
    ...own,
    `An estimate in US dollars, on demand, with prices noted on ${PRICES_OF} (ops/cost/prices.ts). Your bill is what AWS says.`,
  ];
}

function dollars(amount: number): string {
  return amount.toFixed(2);
}

function table(head: string[], rows: readonly string[][]): string {
  const drawn = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: head.map((title) => (title.startsWith("$") ? "right" : "left")),
  });
  drawn.push(...rows);
  return drawn.toString();
}

function markdownTable(head: string[], rows: readonly string[][]): string {
  const rule = head.map((title) => (title.startsWith("$") ? "---:" : "---"));
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}
