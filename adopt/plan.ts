import { isDeepStrictEqual } from "node:util";

type Attributes = Readonly<Record<string, unknown>>;

/** A resource in `terraform show -json <plan>`. */
export interface ResourceChange {
  readonly address: string;
  /** Where it was, when a `moved` block moves it. */
  readonly previous_address?: string;
  readonly mode: string;
  readonly type: string;
  /** Set for what is left over of an interrupted replacement. */
  readonly deposed?: string;
  /** Why Terraform replaces or destroys it, for example `replace_because_tainted`. */
  readonly action_reason?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Attributes | null;
    readonly after: Attributes | null;
    readonly after_unknown: Attributes;
    /** Attributes that force a replacement. */
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

/** The part of `terraform show -json <plan>` that a verdict is built from. */
export interface PlanFile {
  readonly resource_changes?: readonly ResourceChange[];
}

/** What a plan does to a resource. */
export type Action = "keep" | "update" | "create" | "replace" | "destroy" | "forget";

/** What a plan does to a resource, in one word. */
export function actionOf({ change: { actions } }: ResourceChange): Action {
  if (actions.includes("forget")) return "forget";
  if (actions.includes("create")) return actions.includes("delete") ? "replace" : "create";
  if (actions.includes("delete")) return "destroy";
  return actions.includes("update") ? "update" : "keep";
}

/** Managed resources of a plan. Data sources are only read. */
export function managedChanges({ resource_changes = [] }: PlanFile): ResourceChange[] {
  return resource_changes.filter(({ mode }) => mode === "managed");
}

/** The attributes that an update changes, by name. */
export function changedAttributes({ change: { before, after, after_unknown } }: ResourceChange): string[] {
  const names = new Set([before, after, after_unknown].flatMap((side) => Object.keys(side ?? {})));
  return [...names]
    .filter((name) => isUnknown(after_unknown[name]) || !isDeepStrictEqual(before?.[name], after?.[name]))
    .sort();
}

/** `after_unknown` marks what is known after the apply with true, at any depth. */
function isUnknown(mark: unknown): boolean {
  if (typeof mark !== "object" || mark === null) return mark === true;
  return Object.values(mark).some(isUnknown);
}
