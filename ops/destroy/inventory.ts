import { attributesOf, type Instance, type State } from "../../adopt/state";
import type { Endings } from "./endings";

/** What AWS holds that no state knows. */
export interface Contents {
  /** Images in a repository, by its name. */
  readonly images: ReadonlyMap<string, number>;
  /** Objects in a bucket, by its name: 1000 means at least as many. */
  readonly objects: ReadonlyMap<string, number>;
}

/** Something that keeps a resource from being deleted, and the value of a variable that ends that. */
export interface Protection {
  readonly address: string;
  /** A whole sentence. */
  readonly what: string;
  readonly variable: string;
  readonly value: boolean;
}

/** Something that outlives the stack. */
export interface Survivor {
  readonly what: string;
  /** What it is good for, until when it stays, and whether it is billed. */
  readonly meaning: string;
}

/** A deployment before it is destroyed. */
export interface Inventory {
  readonly resources: number;
  readonly protections: readonly Protection[];
  /** What cannot be brought back, one thing in each line. */
  readonly lost: readonly string[];
  readonly stays: readonly Survivor[];
}

/** Variables that decide whether a bucket is deleted with what it holds, by the bucket's address. */
const BUCKET_VARIABLES: Readonly<Record<string, readonly [variable: string, value: boolean]>> = {
  "aws_s3_bucket.alb_logs": ["alb_deletion_protection", false],
  "aws_s3_bucket.frontend_bucket": ["frontend_force_destroy", true],
  "aws_s3_bucket.frontend_logs": ["frontend_force_destroy", true],
};

const DATABASE = "aws_db_instance.postgres";

/**
 * What will be lost, what stays, and what is in the way.
 *
 * @param today - For dates.
 */
export function takeInventory(
  state: State,
  contents: Contents,
  { today, ...endings }: Endings & { readonly today: Date },
): Inventory {
  return {
    resources: state.instances.length,
    protections: protectionsIn(state, contents),
    lost: lostIn(state, contents, endings),
    stays: stayingOf(state, endings, today),
  };
}

/** Names of the repositories and buckets, to look into. */
export function containersIn(state: State): { readonly repositories: string[]; readonly buckets: string[] } {
  return {
    repositories: ofType(state, "aws_ecr_repository").map(({ attributes }) => String(attributes.name)),
    buckets: ofType(state, "aws_s3_bucket").map(({ attributes }) => String(attributes.bucket)),
  };
}

function protectionsIn(state: State, { images, objects }: Contents): Protection[] {
  const found: Protection[] = [];
  if (attributesOf(state, DATABASE).deletion_protection === true) {
    const what = "The database refuses to be deleted.";
    found.push({ address: DATABASE, what, variable: "db_deletion_protection", value: false });
  }
  if (attributesOf(state, "aws_lb.app_lb").enable_deletion_protection === true) {
    const what = "The load balancer refuses to be deleted.";
    found.push({ address: "aws_lb.app_lb", what, variable: "alb_deletion_protection", value: false });
  }
  for (const { address, attributes } of ofType(state, "aws_ecr_repository")) {
    const count = images.get(String(attributes.name)) ?? 0;
    if (attributes.force_delete === true || count === 0) continue;
    const what = `The repository ${String(attributes.name)} is kept while it holds images.`;
    found.push({ address, what, variable: "ecr_force_delete", value: true });
  }
  for (const { address, resource, attributes } of ofType(state, "aws_s3_bucket")) {
    const [variable, value] = BUCKET_VARIABLES[resource] ?? [];
    const count = objects.get(String(attributes.bucket)) ?? 0;
    if (attributes.force_destroy === true || count === 0 || !variable || value === undefined) continue;
    const what = `The bucket ${String(attributes.bucket)} is kept while it holds files.`;
    found.push({ address, what, variable, value });
  }
  return found;
}

function lostIn(
  state: State,
  { images, objects }: Contents,
  { skipFinalSnapshot, secretRecoveryDays }: Endings,
): string[] {
  const database = attributesOf(state, DATABASE);
  const { dns_name: dnsName } = attributesOf(state, "aws_lb.app_lb");
  const addresses = ofType(state, "aws_eip").map(({ attributes }) => String(attributes.public_ip));
  const logGroups = ofType(state, "aws_cloudwatch_log_group").map(({ attributes }) =>
    String(attributes.name),
  );
  const secrets = secretRecoveryDays === 0 ? ofType(state, "aws_secretsmanager_secret") : [];
  return [
    ...(holds(state, DATABASE)
      ? [
          `the database ${String(database.identifier)} (${String(database.allocated_storage)} GiB)${
            skipFinalSnapshot
              ? " with all its data: there will be no snapshot of it"
              : ", except for its last snapshot"
          }`,
        ]
      : []),
    ...(holds(state, DATABASE) && skipFinalSnapshot ? ["its automated backups"] : []),
    ...[...images]
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${plural(count, "image")} in ${name}`),
    ...[...objects]
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count >= 1000 ? "1000 or more files" : plural(count, "file")} in ${name}`),
    ...logGroups.map((name) => `the log ${name}`),
    ...secrets.map(({ attributes }) => `the secret ${String(attributes.name)}, at once`),
    ...(addresses.length > 0 ? [`the addresses ${addresses.join(", ")}, which may be on allow-lists`] : []),
    ...(dnsName ? [`the name ${String(dnsName)}, which DNS records may point at`] : []),
    ...ofType(state, "aws_cloudfront_distribution").map(
      ({ attributes }) => `the name ${String(attributes.domain_name)}, which DNS records may point at`,
    ),
  ];
}

function stayingOf(
  state: State,
  { skipFinalSnapshot, secretRecoveryDays }: Endings,
  today: Date,
): Survivor[] {
  const { final_snapshot_identifier: snapshot, backup_retention_period: days } = attributesOf(
    state,
    DATABASE,
  );
  const { name: cluster } = attributesOf(state, "aws_ecs_cluster.app_cluster");
  const keepsData = holds(state, DATABASE) && !skipFinalSnapshot;
  const endOfSecrets = new Date(today.getTime() + secretRecoveryDays * 86_400_000);
  const secrets = secretRecoveryDays > 0 ? ofType(state, "aws_secretsmanager_secret") : [];
  return [
    ...(keepsData
      ? [{ what: `the database snapshot ${String(snapshot ?? "of that day")}`, meaning: SNAPSHOT }]
      : []),
    ...(keepsData && Number(days) > 0
      ? [{ what: "automated backups of the database", meaning: BACKUPS }]
      : []),
    ...secrets.map(({ attributes }) => ({
      what: `the secret ${String(attributes.name)}`,
      meaning: secretMeaning(endOfSecrets),
    })),
    ...(cluster ? [{ what: `the log ${insightsLog(String(cluster))}`, meaning: AWS_LOG }] : []),
    ...(holds(state, "aws_ecs_task_definition.backend_task")
      ? [{ what: "revisions of the task definition", meaning: "not billed" }]
      : []),
  ];
}

/** What a final snapshot means for the next months. */
export const SNAPSHOT =
  "billed every month by its size until you delete it; a new database can be restored from it";

/** What automated backups mean for the next weeks. */
export const BACKUPS = "until each expires (db_backup_retention_period), billed by their size";

/** What a log that AWS made itself means for the next months. */
export const AWS_LOG = "made by AWS itself, billed by its size until its lines expire or you delete it";

/** The log that Container Insights makes for a cluster. */
export function insightsLog(cluster: string): string {
  return `/aws/ecs/containerinsights/${cluster}/performance`;
}

/**
 * What a deleted secret means until it is gone.
 *
 * @param end - The end of its recovery window. AWS itself tells only afterwards that there is one.
 */
export function secretMeaning(end?: Date): string {
  const until = end ? `until ${end.toISOString().slice(0, 10)}` : "in its recovery window";
  return `can be restored ${until}, not billed; its name is taken meanwhile`;
}

function ofType(state: State, type: string): Instance[] {
  return state.instances.filter(({ resource }) => resource.startsWith(`${type}.`));
}

function holds(state: State, address: string): boolean {
  return state.instances.some((instance) => instance.address === address);
}

function plural(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
