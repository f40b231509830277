import { rm } from "node:fs/promises";
import type { Values } from "../../local/terraform";
import type { Progress } from "../../local/terraform-events";
import type { UserTerraform } from "../../local/user-terraform";
import { EXIT, Problem } from "../problem";

/**
 * Applies values that let resources be deleted, to these resources alone.
 *
 * A plain apply would do whatever else terraform.tfvars asks for, and after half a destroy it would create
 * the other half again. So it targets what is there, and goes on only when the plan creates and deletes
 * nothing.
 *
 * @param addresses - Resources in the state.
 * @throws Problem when more would change than these values.
 */
export async function release(
  terraform: UserTerraform,
  addresses: readonly string[],
  values: Values & { readonly onProgress: (progress: Progress) => void },
): Promise<void> {
  let targets = [...new Set(addresses)];
  while (targets.length > 0) {
    const plan = await terraform.plan(values, ...targets.map((address) => `-target=${address}`));
    try {
      const created = plan.changes.filter(({ action }) => action === "create");
      // Deleted at AWS in the meantime, and there is nothing to release.
      const gone = created.map(({ address }) => address).filter((address) => targets.includes(address));
      if (gone.length > 0) {
        targets = targets.filter((address) => !gone.includes(address));
        continue;
      }
      const unexpected = plan.changes.filter(({ action }) => action !== "update");
      if (unexpected.length > 0) {
        throw new Problem(
          `Taking the protections off would also do this, so nothing was done:\n${unexpected.map(({ address, action }) => `  ${action} ${address}`).join("\n")}`,
          "Deploy what terraform.tfvars says first (npx cdktf deploy), or take the change back.",
          EXIT.failed,
        );
      }
      if (plan.changes.length > 0) await terraform.apply({ ...values, plan });
      return;
    } finally {
      await rm(plan.file, { force: true });
    }
  }
}
