import type { Environment } from "./environment";

/** What to do after a run that has cleaned up behind itself. */
export function finishedRunGuide(): string {
  return [
    "The stack was deployed, and the emulator is gone again with everything in it. Next:",
    "",
    "  npm run local -- --keep                           keep the emulator, to try aws and terraform against it",
    "  cp terraform.tfvars.example terraform.tfvars      then edit it, for a deployment to AWS",
    "  npx cdktf deploy                                  deploy to AWS",
  ].join("\n");
}

/** How to use an emulator that goes on. */
export function keptRunGuide(directory: string, environment: Environment): string {
  return [
    "The emulator goes on. To use it in this shell:",
    "",
    "unset AWS_PROFILE AWS_SESSION_TOKEN",
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`),
    `cd ${quote(directory)}`,
    "",
    "Then, for example:",
    "",
    "  terraform output -raw load_balancer_dns",
    "  terraform plan",
    '  aws ecs describe-services --cluster "$(terraform output -raw ecs_cluster_name)" \\',
    '    --services "$(terraform output -raw ecs_service_name)"',
    "",
    "End it, and remove everything, with: npm run local:down",
  ].join("\n");
}

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
