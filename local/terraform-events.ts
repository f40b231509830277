/** One error or warning, in Terraform's own words. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** The resource it is about, for example `aws_vpc.time_series_vpc`. */
  readonly address?: string;
}

/** A resource that Terraform is working on. */
export interface RunningChange {
  readonly address: string;
  /** `create`, `update`, `delete` or `replace`. */
  readonly action: string;
  readonly seconds: number;
}

/** How far an apply or destroy is, each time that changes. */
export interface Progress {
  /** What has just happened. */
  readonly event: "planned" | "started" | "running" | "completed" | "failed";
  /** The resource it happened to. Not set when `event` is `planned`. */
  readonly change?: RunningChange;
  /** Finished changes. */
  readonly done: number;
  /** All changes. */
  readonly total: number;
  /** What is being changed right now, oldest first. */
  readonly running: readonly RunningChange[];
}

/** One change of a plan. */
export interface PlannedChange {
  readonly address: string;
  /** In Terraform's words: `create`, `update`, `replace`, `delete`, `remove` (from the state alone) or `import`. */
  readonly action: string;
}

/** What Terraform also reports as planned, though it changes neither AWS nor what is managed. */
const NO_CHANGE = new Set(["noop", "read", "move"]);

interface Hook {
  readonly resource: { readonly addr: string };
  readonly action: string;
  readonly elapsed_seconds?: number;
}

interface Event {
  readonly type: string;
  readonly hook?: Hook;
  readonly diagnostic?: Diagnostic;
  readonly changes?: { add: number; change: number; remove: number; operation: string };
  /** Of a `planned_change`. */
  readonly change?: Pick<Hook, "resource" | "action">;
  readonly outputs?: Readonly<Record<string, { readonly action?: string }>>;
}

/**
 * Reads the line protocol of `terraform plan|apply|destroy -json`.
 *
 * @see https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
export class TerraformEvents {
  readonly diagnostics: Diagnostic[] = [];
  /** Of a plan, in Terraform's order. */
  readonly planned: PlannedChange[] = [];
  /** Names of the outputs that a plan changes. */
  readonly outputChanges: string[] = [];
  private readonly running = new Map<string, { action: string; since: number }>();
  private done = 0;

  /**
   * @param now - Milliseconds, for the seconds that a change has been running.
   * @param total - Changes of a plan that was made before. Otherwise Terraform tells.
   */
  constructor(
    private readonly now: () => number = Date.now,
    private total = 0,
  ) {}

  /** Takes one line. Returns the progress when the line changed it. */
  add(line: string): Progress | undefined {
    const event = parse(line);
    if (event?.type === "diagnostic" && event.diagnostic) {
      const { severity, summary, detail, address } = event.diagnostic;
      this.diagnostics.push({ severity, summary, detail, ...(address && { address }) });
      return undefined;
    }
    if (event?.type === "planned_change" && event.change) {
      const { resource, action } = event.change;
      if (!NO_CHANGE.has(action)) this.planned.push({ address: resource.addr, action });
      return undefined;
    }
    if (event?.type === "outputs") {
      const changed = Object.entries(event.outputs ?? {}).filter(
        ([, { action = "noop" }]) => action !== "noop",
      );
      this.outputChanges.push(...changed.map(([name]) => name));
      return undefined;
    }
    if (event?.type === "change_summary" && event.changes?.operation === "plan") {
      this.total = event.changes.add + event.changes.change + event.changes.remove;
      return this.progress("planned");
    }
    // A data source that is read during the apply is no change.
    return event?.hook && event.hook.action !== "read" ? this.follow(event.type, event.hook) : undefined;
  }

  private follow(type: string, hook: Hook): Progress | undefined {
    const { addr } = hook.resource;
    const since = this.running.get(addr)?.since ?? this.now();
    const change = { address: addr, action: hook.action, seconds: this.secondsSince(since) };
    switch (type) {
      case "apply_start":
        this.running.set(addr, { action: hook.action, since });
        return this.progress("started", change);
      case "apply_progress":
        return this.progress("running", change);
      case "apply_complete":
        this.running.delete(addr);
        this.done += 1;
        return this.progress("completed", change);
      case "apply_errored":
        this.running.delete(addr);
        return this.progress("failed", change);
      default:
        return undefined;
    }
  }

  private progress(event: Progress["event"], change?: RunningChange): Progress {
    const running = [...this.running].map(([address, { action, since }]) => ({
      address,
      action,
      seconds: this.secondsSince(since),
    }));
    return { event, ...(change && { change }), done: this.done, total: this.total, running };
  }

  private secondsSince(since: number): number {
    return Math.round((this.now() - since) / 1000);
  }
}

/** A diagnostic as text, as Terraform prints it. */
export function describeDiagnostic({ severity, summary, detail, address }: Diagnostic): string {
  const label = severity === "error" ? "Error" : "Warning";
  return [`${label}: ${summary}`, address && `  with ${address}`, detail].filter(Boolean).join("\n");
}

function parse(line: string): Event | undefined {
  try {
    return JSON.parse(line) as Event;
  } catch {
    return undefined; // Terraform prints a few messages before it knows the format.
  }
}
