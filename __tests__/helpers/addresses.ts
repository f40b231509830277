import type { Block } from "./synth";

/** Resources by address, a counted one with `[*]`, each with the names that make it the one it is. */
export type Addresses = Readonly<Record<string, Readonly<Record<string, string | boolean>>>>;

/** Arguments that name a resource: AWS cannot change them, or somebody outside knows it by them. */
const NAMES = [
  "alarm_name",
  "bucket",
  "dashboard_name",
  "db_name",
  "engine",
  "family",
  "identifier",
  "name",
  "policy_arn",
  "resource_id",
  "scalable_dimension",
  "service_namespace",
  "storage_encrypted",
  "username",
];

/** Of these, AWS cannot change the description either. */
const NAMED_BY_DESCRIPTION = ["aws_db_parameter_group", "aws_security_group"];

/** What a deployment loses with a resource. */
const LOSSES: Readonly<Record<string, string>> = {
  aws_db_instance:
    "the database with all its data and its automated backups; in dev, and wherever db_skip_final_snapshot is true, without a last snapshot",
  aws_secretsmanager_secret: "the secret, and its ARN for everybody who reads it",
  aws_ecr_repository: "every image in it, so that no task can start until CI pushes again",
  aws_eip: "the address, which is on somebody's allow-list, and AWS does not give it back",
  aws_lb: "the load balancer's DNS name, which is in somebody's CNAME, and the application's traffic",
  aws_lb_listener: "the application's traffic until the listener is there again",
  aws_lb_target_group: "the application's traffic; the apply fails, because the listener holds the group",
  aws_vpc: "the network with everything in it, the database included",
  aws_subnet: "the subnet with everything in it, the database included",
  aws_security_group: "the group; the apply hangs, because the group is in use",
  aws_db_subnet_group: "the group; the apply fails, because the database is in it",
  aws_ecs_cluster: "the cluster with every running task",
  aws_ecs_service: "the service with every running task",
  aws_s3_bucket: "the bucket with everything in it, or the apply fails because it is not empty",
  aws_cloudfront_distribution: "the site's address, for half an hour or for good",
  aws_cloudwatch_log_group: "the log, with every line that was written",
  aws_iam_role: "the role, and with it whatever uses it until it is there again",
  aws_nat_gateway: "the way of the tasks to the internet until the gateway is there again",
};

const HOW = 'CONTRIBUTING.md says how: "Change an address on purpose".';

/** The addresses of a synthesized stack. */
export function addressesOf(json: Block): Addresses {
  const resources: Record<string, Record<string, Block>> = json.resource;
  const entries = Object.entries(resources).flatMap(([type, blocks]) =>
    Object.entries(blocks).map(
      ([id, block]) => [`${type}.${id}${"count" in block ? "[*]" : ""}`, namesOf(type, block)] as const,
    ),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function namesOf(type: string, block: Block): Record<string, string | boolean> {
  const names = NAMED_BY_DESCRIPTION.includes(type) ? [...NAMES, "description"] : NAMES;
  const given = names.filter((name) => name in block && !isReference(block[name]));
  return Object.fromEntries(given.sort().map((name) => [name, block[name]]));
}

/** A name that another resource gives: it is in that one's entry. */
function isReference(value: unknown): boolean {
  return typeof value === "string" && /^\$\{(one\()?(aws_|terraform_data)/.test(value);
}

/** What the next apply would do to a deployment of the known addresses, one message for each. */
export function drift(known: Addresses, now: Addresses): string[] {
  return [
    ...Object.keys(known)
      .filter((address) => !(address in now))
      .map((address) => gone(address, now)),
    ...Object.entries(now).flatMap(([address, names]) => {
      const before = known[address];
      return before ? renamed(address, before, names) : [isNew(address)];
    }),
  ];
}

function gone(address: string, now: Addresses): string {
  const counted = address.endsWith("[*]") ? address.slice(0, -"[*]".length) : `${address}[*]`;
  if (counted in now) {
    return `${address} is ${counted} now. Terraform moves a single resource to [0] and back by itself, and destroys the others. Write it in addresses.json if that is meant. ${HOW}`;
  }
  return `${address} is gone. The next apply destroys it in every deployment. Lost: ${loss(address)}. A new address needs a \`moved\` block, a resource to give up a \`removed\` block. ${HOW}`;
}

function renamed(address: string, before: Addresses[string], after: Addresses[string]): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => {
      const what = `${address} has another ${name}: ${JSON.stringify(after[name])} instead of ${JSON.stringify(before[name])}.`;
      if (name === "identifier") {
        return `${what} The next apply renames the database, and its endpoint changes for everybody who knows it. ${HOW}`;
      }
      return `${what} The next apply destroys it in every deployment and creates another. Lost: ${loss(address)}. No \`moved\` block prevents that. ${HOW}`;
    });
}

function isNew(address: string): string {
  return `${address} is new. Write it in __tests__/fixtures/addresses.json, unless it is a known resource under another address. ${HOW}`;
}

function loss(address: string): string {
  return LOSSES[address.split(".")[0] ?? ""] ?? "the resource, until it is there again";
}
