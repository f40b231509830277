import { table } from "../../scripts/reference-tables";
import { lateSteps, NOTABLE_WAIT } from "./apply-report";
import { APPLY_TARGET, type ApplyResults } from "./apply-results";
import { PLAN_TARGET, type PlanComparison, type PlanResults } from "./plan-comparison";

const PROVIDER = "https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources";

/** What was measured of Terraform's commands. */
export interface DeploymentResults {
  readonly plan: PlanResults;
  readonly apply: ApplyResults;
}

/** The chapters on plan and apply, as Markdown. */
export function deploymentSection({ plan, apply }: DeploymentResults): string {
  return [planSection(plan), applySection(apply), WAITING_ON_AWS].join("\n\n");
}

function planSection({ first, deployed }: PlanResults): string {
  return `## Plan

\`terraform plan\` of this project, and of the stack that was written by hand before it: the same values, the same Terraform and provider, an emulator each. They are planned in turns. The times are medians of ${first.contenders[0]?.samples.length} runs. With nothing deployed, Terraform reads the configuration and asks for a few facts. With everything deployed, it asks AWS for each resource.

${table(
  ["Plan", "Of", "Resources", "Requests to AWS", "Seconds", "Milliseconds per resource"],
  [...planRows("with nothing deployed", first), ...planRows("with everything deployed", deployed)],
)}

Per resource this project takes **${times(first.ratio)}** the older stack's time with nothing deployed, and **${times(deployed.ratio)}** with everything deployed. ${times(PLAN_TARGET)} is the most that it may be.

Two things to know before you believe a ratio. Terraform's own start is in every one of these times, and the smaller stack has fewer resources to share it. And an emulator answers in milliseconds: on AWS the requests count for more. With everything deployed there are ${requestsPerResource(deployed)}.

${FIREWALL}`;
}

/** Not measured by `bench plan`: the older stack has no firewall. */
const FIREWALL = `Both plans are those of dev, without the firewall that staging and prod have (\`enable_waf\`). Its web ACL is the dearest resource of a plan, most likely because the schema of its rules is so deep. Tried by hand with Terraform 1.11.4 and provider 5.100.0 on two cores, a plan with nothing deployed needed 9.8 seconds of CPU time without a web ACL, 11.7 with one that has no rules, and 16.7 with ours. Rules in [\`rule_json\`](${PROVIDER}/wafv2_web_acl#argument-reference) would be text to the provider, but then it would not notice when somebody changes a rule by hand, so they stay as they are.`;

function requestsPerResource({ contenders }: PlanComparison): string {
  return contenders
    .map(
      ({ name, requests, resources }) => `${(requests / resources).toFixed(2)} for each resource of ${name}`,
    )
    .join(", and ");
}

function planRows(when: string, { contenders }: PlanComparison): string[][] {
  return contenders.map(({ name, resources, requests, median, perResource }) => [
    when,
    name,
    String(resources),
    String(requests),
    median.toFixed(2),
    (perResource * 1000).toFixed(0),
  ]);
}

function applySection(results: ApplyResults): string {
  const { resources, command, before, wall, after, criticalPath, ratio, steps } = results;
  const { parallelism, allowedParallelism } = results;
  const late = lateSteps(steps);
  return `## Apply

\`npm run bench -- apply\` deploys the stack into an emulator and takes the start and end of each resource from Terraform's events. The critical path is the longest chain of resources of which each needs the one before, in Terraform's own graph. No order of the same work is quicker.

In this run ${resources} resources took ${seconds(wall)}, and their critical path ${seconds(criticalPath.seconds)}: **${times(ratio, 3)}**. ${times(APPLY_TARGET)} is the most that it may be. The whole command took ${seconds(command)}: Terraform needed ${seconds(before)} until it began the first resource (it reads the plan and starts the provider), and ${seconds(after)} after the last one.

${table(
  ["Start (s)", "Took (s)", "Waited for nothing (s)", "On the critical path"],
  criticalPath.steps.map(({ address, start, end, waited }) => [
    start.toFixed(1),
    (end - start).toFixed(1),
    waited.toFixed(1),
    `\`${address}\``,
  ]),
)}

At most ${parallelism.most} resources were worked on side by side, ${parallelism.mean.toFixed(1)} on average, ${allowedParallelism} were allowed. ${
    late.length === 0
      ? "Each was begun as soon as all that it needs was there."
      : `All that they need was there more than ${NOTABLE_WAIT} s before the start of ${late.length} of them. \`${late[0]?.address}\` waited longest: ${seconds(late[0]?.waited ?? 0)}.`
  } Those of the first seconds wait for the provider to be ready, which is no event of Terraform's. A higher \`-parallelism\` brings nothing, because the critical path is one resource after the other. See for yourself: \`npm run bench -- apply --parallelism 30\`.

Most of the seconds are the provider's own waiting. The emulator has a database at once, but the provider first asks after a minute, and then wants to hear three times that it is available. So the ratio says whether anything was begun later than it could have been, and the seconds say nothing about AWS.

Whether a dependency is needed at all no measurement can tell. \`__tests__/bench/waits.test.ts\` pins what the database and the service wait for, and who waits for them, so that a new one has to be explained. Three waits look needless, and stay:

- The database waits for its log group, because RDS would make one that keeps every line for ever, and for the policy of its monitoring role, so that Enhanced Monitoring may write from the first minute.
- \`db_credentials_value\` waits for the database, although it names nothing of it that AWS decides: the secret must not hold a new password that the database has refused.
- The alarms of the service and the dashboard wait for the service, although they need only its name. They end with its autoscaling, which needs the service itself, so nobody waits for them.`;
}

const NOT_MEASURED = "Not measured by us, and we found no figure of AWS.";

/** How long AWS takes is known only as far as AWS has published it. Every figure has its source. */
const WAITING_ON_AWS = `## What you wait for on AWS

None of the figures in this chapter is ours: this project has never been timed on AWS. Where AWS has published one, it is here with a link.

### The first deployment

${table(
  ["You wait for", "Terraform waits until it is", "How long"],
  [
    [
      "the database",
      "available",
      `${NOT_MEASURED} The provider gives up after [40 minutes](${PROVIDER}/db_instance#timeouts). With a standby in a second zone (staging, prod) RDS has two to make.`,
    ],
    ["the load balancer", "active", NOT_MEASURED],
    ["the NAT gateways", "available", NOT_MEASURED],
    [
      "the CloudFront distribution, where the frontend is hosted",
      `[deployed](${PROVIDER}/cloudfront_distribution#argument-reference)`,
      "Within [5 minutes](https://aws.amazon.com/blogs/networking-and-content-delivery/slashing-cloudfront-change-propagation-times-in-2020-recent-changes-and-looking-forward/), as AWS wrote in 2020.",
    ],
    [
      "the service",
      `accepted by ECS. Terraform does not wait for healthy tasks ([\`wait_for_steady_state\`](${PROVIDER}/ecs_service#argument-reference) is off): on the first deployment there is no image to run.`,
      "`npm run ops -- deploy` waits for the tasks.",
    ],
  ],
)}

The database, the load balancer and the NAT gateways are begun side by side, as soon as the network is there. Only CloudFront waits for one of them: it has to know the name of the load balancer. After the database come the secret with its address, the task definition, the service and its autoscaling: a request or two each. So a first deployment takes as long as the slower of two chains, and a few seconds: network and database, or network, load balancer and distribution.

### A change

${table(
  ["What changes", "Terraform waits for", "What goes on after it"],
  [
    [
      "the task definition: image tag, size, environment, a secret",
      "two requests: a new revision, and the service told to use it",
      "ECS starts a task and lets the load balancer check it every `health_check_interval` (30 seconds by default). A new target needs [one good answer](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html). The old task may finish its requests for [`deregistration_delay`](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html) (300 seconds by default). `npm run ops -- status` shows how far it is.",
    ],
    [
      "`db_instance_class` in dev, or with `db_apply_immediately`",
      `the database, until it is available again, at most [80 minutes](${PROVIDER}/db_instance#timeouts)`,
      "Meanwhile the database is away: one without a standby while RDS [moves its storage to another host](https://repost.aws/knowledge-center/rds-performance-impact) and starts it there, one with a standby during the failover, typically [60 to 120 seconds](https://repost.aws/knowledge-center/rds-performance-impact). How long the whole change takes is not measured by us.",
    ],
    [
      "`db_instance_class` in staging and prod",
      "one request",
      "RDS makes the change in the [maintenance window](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html). Until then each plan shows it again.",
    ],
    ["the frontend's distribution", "the distribution, until it is deployed at all edges", "Nothing."],
  ],
)}

### Destroy

${table(
  ["You wait for", "Terraform waits until it is", "How long"],
  [
    [
      "the service",
      `gone, at most [20 minutes](${PROVIDER}/ecs_service#timeouts)`,
      "Its tasks may finish their requests first: `deregistration_delay`, 300 seconds by default.",
    ],
    [
      "the database",
      `gone, at most [60 minutes](${PROVIDER}/db_instance#timeouts). In staging and prod RDS takes the final snapshot first.`,
      NOT_MEASURED,
    ],
    ["the NAT gateways, and then the network", "gone", NOT_MEASURED],
    [
      "the CloudFront distribution",
      "disabled at all edges, and gone",
      "AWS: [a few minutes](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html) until it is disabled.",
    ],
  ],
)}`;

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

function times(value: number, digits = 2): string {
  return `${value.toFixed(digits)} ×`;
}
