import {
  changedOutputs,
  drift,
  plannedChanges,
  type Action,
  type PlanJson,
  type PlannedChange,
} from "./plan";

export interface SummaryOptions {
  /** Markdown to close with, for example an estimate of the cost. */
  readonly appendix?: string | undefined;
  /** Characters that the summary may have. GitHub takes 65,536 in a comment. */
  readonly limit?: number;
}

const LIMIT = 60_000;

/**
 * A plan as Markdown: how much changes, then what is lost, then everything else. It names resources and
 * attributes, and shows no value.
 */
export function summary(plan: PlanJson, { appendix, limit = LIMIT }: SummaryOptions = {}): string {
  const changes = plannedChanges(plan);
  const lost = changes.filter(({ action }) => isLoss(action));
  const others = changes.filter(({ action }) => !isLoss(action));
  const outside = drift(plan);
  const outputs = changedOutputs(plan);

  const parts = [
    `### Plan: ${headline(changes, outputs)}`,
    lost.length > 0 &&
      `**Read this first: what is replaced or destroyed loses what it holds.**\n\n${table(lost, { bold: true })}`,
    others.length > 0 && details(`${others.length} more`, table(others)),
    outputs.length > 0 && `Outputs that change: ${outputs.map(code).join(", ")}`,
    outside.length > 0 && details(`${outside.length} changed outside of Terraform`, table(outside)),
    appendix?.trim(),
  ];
  return cut(parts.filter(Boolean).join("\n\n"), limit);
}

const COUNTED: Readonly<Record<Action, string>> = {
  create: "to add",
  update: "to change",
  replace: "to replace",
  destroy: "to destroy",
  forget: "to forget",
  import: "to import",
  move: "to move",
};

function headline(changes: readonly PlannedChange[], outputs: readonly string[]): string {
  const counts = Object.entries(COUNTED).flatMap(([action, text]) => {
    const count = changes.filter((change) => change.action === action).length;
    return count > 0 ? `${count} ${text}` : [];
  });
  if (counts.length > 0) return counts.join(", ");
  return outputs.length > 0 ? "only outputs change" : "nothing to change";
}

function isLoss(action: Action): boolean {
  return action === "replace" || action === "destroy" || action === "forget";
}

function table(changes: readonly PlannedChange[], { bold = false } = {}): string {
  const emphasis = (text: string) => (bold ? `**${text}**` : text);
  const rows = changes.map(({ address, action, attributes, movedFrom }) => {
    const notes = [
      action === "replace" && attributes.length > 0
        ? `because of ${attributes.map(code).join(", ")}`
        : attributes.map(code).join(", "),
      movedFrom !== undefined && `was ${code(movedFrom)}`,
    ];
    return `| ${emphasis(code(address))} | ${emphasis(action)} | ${notes.filter(Boolean).join("; ")} |`;
  });
  return ["| Resource | Action | Attributes |", "| --- | --- | --- |", ...rows].join("\n");
}

function details(title: string, body: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** Text in a table, word for word. */
function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|").replaceAll("`", "'")}\``;
}

/** At most `limit` characters, in whole lines. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = "\n\n… and more than fits here: see the log of the job.";
  const kept = text.slice(0, limit - note.length);
  return kept.slice(0, kept.lastIndexOf("\n")) + note;
}
