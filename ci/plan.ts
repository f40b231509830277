import { createHash } from "node:crypto";

/** What is read of `terraform show -json`. */
export interface PlanJson {
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
}

interface ResourceChange {
  readonly address: string;
  readonly previous_address?: string;
  readonly change: Change;
}

interface Change {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly replace_paths?: readonly (readonly unknown[])[];
  readonly importing?: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/** What happens to a resource. */
export type Action = "replace" | "destroy" | "forget" | "create" | "update" | "import" | "move";

/** One line of a plan. It names attributes and never holds a value. */
export interface PlannedChange {
  readonly address: string;
  readonly action: Action;
  /** Attributes that change or, of a replacement, that force it. */
  readonly attributes: readonly string[];
  /** The address that it had before. */
  readonly movedFrom?: string;
}

/** What a plan would do, what is lost first. */
export function plannedChanges({ resource_changes = [] }: PlanJson): PlannedChange[] {
  return resource_changes
    .flatMap((resource) => plannedChange(resource) ?? [])
    .sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
}

/** What was changed outside of Terraform. */
export function drift({ resource_drift = [] }: PlanJson): PlannedChange[] {
  return resource_drift.flatMap((resource) => plannedChange(resource) ?? []);
}

/** Names of the outputs that would change. */
export function changedOutputs({ output_changes = {} }: PlanJson): string[] {
  return Object.entries(output_changes)
    .filter(([, { actions }]) => !isNothing(actions))
    .map(([name]) => name);
}

/**
 * A digest of everything that a plan would do. Two plans with the same digest make the same changes: so a
 * deployment makes sure that it applies what somebody approved. What AWS changes by itself all the time,
 * such as the time until which a database can be restored, is not in it.
 */
export function planDigest({ resource_changes = [], output_changes = {} }: PlanJson): string {
  const resources = resource_changes.flatMap((resource) => {
    const planned = plannedChange(resource);
    return planned ? [[planned, newValues(resource.change)]] : [];
  });
  const outputs = Object.entries(output_changes)
    .filter(([, { actions }]) => !isNothing(actions))
    .map(([name, { after, after_unknown }]) => [name, after, after_unknown]);
  return createHash("sha256")
    .update(JSON.stringify([resources, outputs]))
    .digest("hex");
}

function newValues(change: Change): unknown {
  const [after, unknown] = [change.after, change.after_unknown].map(valuesOf) as [Values, Values];
  return changedAttributes(change).map((name) => [name, after[name], unknown[name]]);
}

const ORDER: readonly Action[] = ["replace", "destroy", "forget", "update", "create", "import", "move"];

function plannedChange({ address, previous_address, change }: ResourceChange): PlannedChange | undefined {
  const action = actionOf(change, previous_address);
  if (!action) return undefined;
  const attributes =
    action === "replace" ? forcing(change) : action === "update" ? changedAttributes(change) : [];
  return {
    address,
    action,
    attributes,
    ...(previous_address !== undefined && { movedFrom: previous_address }),
  };
}

function actionOf({ actions, importing }: Change, previousAddress?: string): Action | undefined {
  if (actions.includes("delete")) return actions.includes("create") ? "replace" : "destroy";
  if (actions.includes("forget")) return "forget";
  if (actions.includes("create")) return "create";
  if (actions.includes("update")) return "update";
  if (importing) return "import";
  return previousAddress === undefined ? undefined : "move";
}

function forcing({ replace_paths = [] }: Change): string[] {
  return [...new Set(replace_paths.map(([attribute]) => String(attribute)))];
}

function changedAttributes({ before, after, after_unknown }: Change): string[] {
  const [old, now, unknown] = [before, after, after_unknown].map(valuesOf) as [Values, Values, Values];
  const names = new Set([...Object.keys(old), ...Object.keys(now), ...Object.keys(unknown)]);
  return [...names]
    .filter((name) => holdsTrue(unknown[name]) || JSON.stringify(old[name]) !== JSON.stringify(now[name]))
    .sort();
}

function valuesOf(values: unknown): Values {
  return (values ?? {}) as Values;
}

function holdsTrue(value: unknown): boolean {
  return (
    value === true || (typeof value === "object" && value !== null && Object.values(value).some(holdsTrue))
  );
}

function isNothing(actions: readonly string[]): boolean {
  return actions.every((action) => action === "no-op" || action === "read");
}
