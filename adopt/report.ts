import { withoutIndex } from "./changes";
import type { Verdict } from "./verdict";

/** What the command found and did, for people and, as JSON, for machines. Holds no secret. */
export interface Result {
  readonly verdict: Verdict;
  readonly state: {
    /** Where it was read. */
    readonly origin: string;
    readonly workspace: string;
    readonly otherWorkspaces: readonly string[];
    readonly terraformVersion: string;
    readonly lineage: string;
    readonly serial: number;
    readonly resources: number;
    /** Resources of the older stack that are not in it. */
    readonly missing: readonly string[];
  };
  readonly values: {
    readonly files: readonly string[];
    /** Variables that `TF_VAR_…` sets. */
    readonly fromEnvironment: readonly string[];
    /** Assignments that the older project did not have. */
    readonly added: readonly string[];
  };
  readonly warnings: readonly string[];
  /** What was written. Empty after a dry run, and when something would be lost. */
  readonly written: readonly string[];
  /** What to type next. */
  readonly next: readonly string[];
  /** A trial directory that was kept. */
  readonly kept?: string;
}

/** The result as an operator reads it: the verdict, the evidence, what to do. */
export function report(result: Result): string {
  const { verdict } = result;
  return [
    headline(verdict),
    section(
      "What would be lost",
      verdict.losses.map(({ address, would, cause }) => `${address} would ${would}: ${cause}`),
    ),
    section("The older project", olderProject(result)),
    section("In numbers", [numbers(verdict)]),
    section("What stays what it is", columns(verdict.kept.map(({ label, value }) => [label, value]))),
    ...(verdict.good ? changes(verdict) : []),
    section("Before you go on", result.warnings),
    closing(result),
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** Only of interest when nothing is lost. */
function changes(verdict: Verdict): string[] {
  return [
    section("What changes in place, and why", verdict.inPlace.map(describeChange)),
    section(
      "A new revision",
      verdict.revisions.map(
        (address) =>
          `${address}: a revision cannot be changed, so the service moves to a new one. The old one stays registered.`,
      ),
    ),
    section(
      "What the state forgets",
      verdict.forgotten.map((address) => `${address}: it stays in AWS`),
    ),
    section(`What is added (${verdict.added.length})`, compact(verdict.added)),
  ];
}

function headline({ good, losses }: Verdict): string {
  return good
    ? "This deployment can be taken over: nothing is replaced, nothing is destroyed."
    : `This deployment cannot be taken over as it is: ${losses.length} ${losses.length === 1 ? "resource" : "resources"} would be lost. Nothing was applied, nothing was written.`;
}

function olderProject({ state, values }: Result): string[] {
  const others = state.otherWorkspaces.length > 0 ? ` (others: ${state.otherWorkspaces.join(", ")})` : "";
  return columns([
    ["State", state.origin],
    ["Workspace", `${state.workspace}${others}`],
    [
      "",
      `${state.resources} resources, serial ${state.serial}, lineage ${state.lineage}, Terraform ${state.terraformVersion}`,
    ],
    ["Values", values.files.join(", ") || "no file"],
    ...(values.fromEnvironment.length > 0
      ? [["From TF_VAR_…", `${values.fromEnvironment.join(", ")}: keep them set`] as const]
      : []),
    ...(values.added.length > 0 ? [["Added", values.added.join(", ")] as const] : []),
    ...(state.missing.length > 0
      ? [
          [
            "Not in the state",
            `${state.missing.join(", ")}: the plan makes them; import them first if they exist in AWS`,
          ] as const,
        ]
      : []),
  ]);
}

function numbers({ counts }: Verdict): string {
  return (
    `${counts.replaced} replaced, ${counts.destroyed} destroyed, ${counts.changed} changed in place, ${counts.unchanged} unchanged, ` +
    `${counts.added} added, ${counts.revisions} new revision, ${counts.forgotten} forgotten`
  );
}

/** How many resources one line names. */
const NAMED = 3;

function describeChange({ why, resources }: Verdict["inPlace"][number]): string {
  const names = [...new Set(resources.map(({ address }) => withoutIndex(address)))];
  const attributes = [...new Set(resources.flatMap((resource) => resource.attributes))];
  const shown = names.length > NAMED ? [`${resources.length} resources`] : names;
  return `${attributes.join(", ")} of ${shown.join(", ")}: ${why}`;
}

/** `["a.b[0]", "a.b[1]", "a.c"]` as `a: b (2), c`. */
function compact(addresses: readonly string[]): string[] {
  const types = new Map<string, Map<string, number>>();
  for (const address of addresses) {
    const [type = "", name = ""] = withoutIndex(address).split(".");
    const names = types.get(type) ?? new Map<string, number>();
    types.set(type, names.set(name, (names.get(name) ?? 0) + 1));
  }
  return [...types].map(
    ([type, names]) =>
      `${type}: ${[...names].map(([name, count]) => (count > 1 ? `${name} (${count})` : name)).join(", ")}`,
  );
}

function closing({ verdict, written, next, kept }: Result): string {
  return [
    kept && `The trial is kept, with secrets in it: ${kept}\nDelete it when you have seen enough.`,
    section("Written", written),
    section(verdict.good ? "Go on with" : "Then", next),
    written.length > 0 &&
      section("The way back", [
        "Until you deploy: delete what was written, nothing in AWS has changed.",
        'Afterwards: docs/upgrading.md, "The way back". The older project and its state are untouched.',
      ]),
    written.length > 0 &&
      section("When all is well", [
        "Delete what holds the secrets in plain: the older project's state, and *.tfstate.backup here.",
      ]),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function section(title: string, lines: readonly string[]): string {
  return lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)].join("\n") : "";
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value], row) => {
    const isSame = rows[row - 1]?.[0] === label;
    return `${(isSame ? "" : label).padEnd(width)}  ${value}`;
  });
}
