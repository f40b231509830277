import { rm } from "node:fs/promises";
import type { PlanJson } from "../../local/terraform";
import type { UserTerraform } from "../../local/user-terraform";
import { LOOKED_FOR, type Planned } from "./find";

interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly after?: Readonly<Record<string, unknown>> | null;
  };
}

/**
 * Resources that the next apply would create, with their names, so that AWS can be asked for them. It plans
 * without reading what is deployed, and without a lock: it neither waits for anybody nor keeps anybody waiting.
 *
 * @throws TerraformError when the plan fails.
 */
export async function plannedCreations(
  terraform: UserTerraform,
  varFiles: readonly string[],
): Promise<Planned[]> {
  const plan = await terraform.plan({ varFiles }, "-lock=false", "-refresh=false");
  try {
    return creationsIn(await terraform.show(plan));
  } finally {
    await rm(plan.file, { force: true });
  }
}

/** The resources that a plan would create and that can be looked for. One that it would replace is in the state. */
export function creationsIn(json: PlanJson): Planned[] {
  const { resource_changes: changes = [] } = json as { resource_changes?: readonly ResourceChange[] };
  return changes
    .filter(({ type, change: { actions } }) => actions.join() === "create" && LOOKED_FOR.has(type))
    .map(({ address, type, change }) => ({ address, type, arguments: change.after ?? {} }));
}
