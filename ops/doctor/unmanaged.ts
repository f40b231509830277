import { TerraformError } from "../../local/terraform";
import { type Existing, existingIn, type Planned } from "../existing/find";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";

const name = "not in the state";

/**
 * Resources that the next apply would create although AWS has them: what an apply made that was killed
 * before it wrote them down.
 *
 * @param plan - Says what would be created.
 */
export async function checkUnmanaged(
  plan: () => Promise<readonly Planned[]>,
  subject: Subject,
): Promise<readonly CheckResult[]> {
  let planned: readonly Planned[];
  try {
    planned = await plan();
  } catch (error) {
    subject.signal.throwIfAborted();
    if (!(error instanceof TerraformError)) throw error;
    return [{ name, status: "problem", detail: error.message, remedy: "Plan yourself: terraform plan" }];
  }
  const find = existingIn({ region: subject.values.aws_region, signal: subject.signal });
  const results = await Promise.all(
    planned.map((resource) => askAws(name, subject, async () => describe(resource, await find(resource)))),
  );
  if (results.flat().length > 0) return results.flat();
  return [{ name, status: "ok", detail: "AWS has nothing of what the next apply would create." }];
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
