import type { Output } from "../local/terraform";

/** What comes after the bootstrap stack, as a text. `outputs` are those of the stack. */
export function nextSteps(outputs: Readonly<Record<string, Output>>): string {
  const value = (name: string) => String(outputs[name]?.value ?? "");
  const state = {
    STATE_BUCKET: value("state_bucket"),
    STATE_KEY: value("state_key"),
    STATE_REGION: value("state_region"),
  };
  const lines = [
    "Keep the state of the deployment in the bucket, from every machine:",
    "",
    ...Object.entries(state).map(([name, text]) => `  export ${name}=${text}`),
    "  npm run synth",
    "  cd cdktf.out/stacks/time-series-analyzer && terraform init -migrate-state",
  ];
  if (!value("plan_role_arn")) return lines.join("\n");

  const variables = {
    AWS_PLAN_ROLE_ARN: value("plan_role_arn"),
    AWS_DEPLOY_ROLE_ARN: value("deploy_role_arn"),
    AWS_REGION: value("state_region"),
    STATE_BUCKET: state.STATE_BUCKET,
    STATE_KEY: state.STATE_KEY,
  };
  return [
    ...lines,
    "",
    "Tell GitHub Actions, in a clone of the repository:",
    "",
    ...Object.entries(variables).map(([name, text]) => `  gh variable set ${name} --body ${text}`),
    "  gh secret set DB_PASSWORD",
    "  gh secret set API_KEY",
    "",
    "Then make the environment `production` and its reviewers: docs/ci.md.",
  ].join("\n");
}
