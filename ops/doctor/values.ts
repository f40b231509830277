import type { EffectiveValues, StackValues } from "../values";
import type { CheckResult } from "./check-result";

const name = "values";

/** Everything that `npm run check` says about the values, and the values in force where they can be read. */
export async function checkValues(
  stackValues: StackValues,
  signal: AbortSignal,
): Promise<{ readonly results: CheckResult[]; readonly values?: EffectiveValues }> {
  const findings = await stackValues.findings();
  const results = findings
    .filter(({ severity }) => severity !== "note")
    .map(({ severity, source, line, message }): CheckResult => {
      const where = source && `${source}${line ? `:${line}` : ""}: `;
      return {
        name,
        status: severity === "error" ? "problem" : "warning",
        detail: `${where ?? ""}${message}`,
      };
    });
  const values = await stackValues.effective(signal).catch(() => {
    signal.throwIfAborted();
    return undefined;
  });
  if (!values || results.length > 0) return { results, ...(values && { values }) };
  const where = stackValues.names.join(", ") || "TF_VAR_…";
  const detail = `${values.app_name} in ${values.aws_region}, environment ${values.environment} (${where}).`;
  return { results: [{ name, status: "ok", detail }], values };
}
