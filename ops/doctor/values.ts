import type { EffectiveValues } from "../../check/effective-values";
import { describe } from "../../check/finding";
import type { StackValues } from "../values";
import type { CheckResult } from "./check-result";

const name = "values";

/** Everything that `npm run check` says about the values, and the values in force where they can be read. */
export async function checkValues(
  stackValues: StackValues,
): Promise<{ readonly results: CheckResult[]; readonly values?: EffectiveValues }> {
  const findings = await stackValues.findings();
  const results = findings
    .filter(({ severity }) => severity !== "note")
    .map((finding): CheckResult => {
      const status = finding.severity === "error" ? "problem" : "warning";
      return { name, status, detail: describe(finding) };
    });
  const values = await stackValues.effective().catch(() => undefined);
  if (!values || results.length > 0) return { results, ...(values && { values }) };
  const where = stackValues.names.join(", ") || "TF_VAR_…";
  const detail = `${values.app_name} in ${values.aws_region}, environment ${values.environment} (${where}).`;
  return { results: [{ name, status: "ok", detail }], values };
}
