import { rm } from "node:fs/promises";
import { type Plan, TerraformError } from "../../local/terraform";
import type { UserTerraform } from "../../local/user-terraform";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";
import { type Existing, existingIn, LOOKED_FOR, type Planned } from "./existing";

const name = "not in the state";

/** How many resources AWS is asked for at a time. */
const AT_ONCE = 8;

/**
 * Resources that the next apply would create although AWS has them: what an apply made that was killed
 * before it wrote them down. The plan says what would be created, under which address and which name.
 */
export async function checkUnmanaged(
  plan: () => Promise<Plan>,
  subject: Subject,
): Promise<readonly CheckResult[]> {
  let planned: Planned[];
  try {
    planned = plannedIn((await plan()).json).filter(({ type }) => LOOKED_FOR.has(type));
  } catch (error) {
    subject.signal.throwIfAborted();
    if (!(error instanceof TerraformError)) throw error;
    return [{ name, status: "problem", detail: error.message, remedy: "Plan yourself: terraform plan" }];
  }
  const find = existingIn({ region: subject.values.aws_region, signal: subject.signal });
  const results: CheckResult[] = [];
  while (planned.length > 0) {
    const batch = planned
      .splice(0, AT_ONCE)
      .map(async (resource) => askAws(name, subject, async () => describe(resource, await find(resource))));
    results.push(...(await Promise.all(batch)).flat());
  }
  if (results.length > 0) return results;
  return [{ name, status: "ok", detail: "AWS has nothing of what the next apply would create." }];
}

/**
 * Plans without reading what is deployed, and without a lock: it neither waits for anybody nor keeps
 * anybody waiting.
 */
export async function planToCreate(terraform: UserTerraform, varFiles: readonly string[]): Promise<Plan> {
  const plan = await terraform.plan({ varFiles }, "-lock=false", "-refresh=false");
  await rm(plan.file, { force: true });
  return plan;
}

interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly after?: Readonly<Record<string, unknown>> | null;
  };
}

/** The resources that a plan would create. One that it would replace is in the state. */
export function plannedIn(json: Plan["json"]): Planned[] {
  const { resource_changes: changes = [] } = json as { resource_changes?: readonly ResourceChange[] };
  return changes
    .filter(({ change }) => change.actions.length === 1 && change.actions[0] === "create")
    .map(({ address, type, change }) => ({ address, type, arguments: change.after ?? {} }));
}

function describe({ address }: Planned, existing: readonly Existing[]): CheckResult[] {
  const [only, ...others] = existing;
  if (!only) return [];
  if (others.length > 0) {
    return [
      {
        name,
        status: "problem",
        detail: `${address} is not in the state, and AWS has several that it could be: ${existing.map(({ id }) => id).join(", ")}.`,
        remedy: `Find out which one is in use, then: terraform import '${address}' <id>`,
      },
    ];
  }
  return [
    {
      name,
      status: "problem",
      detail: only.first
        ? `${address} is not in the state. AWS keeps it until it is deleted for good, and its name with it.`
        : `${address} is not in the state, but AWS has it.`,
      remedy: [...(only.first ? [only.first] : []), `terraform import '${address}' '${only.id}'`].join("\n"),
    },
  ];
}
