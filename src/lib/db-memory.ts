/** GiB of memory of an instance of the general-purpose families, by size. */
export const MEMORY_BY_SIZE = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  "2xlarge": 32,
  "4xlarge": 64,
  "8xlarge": 128,
  "12xlarge": 192,
  "16xlarge": 256,
  "24xlarge": 384,
  "32xlarge": 512,
  "48xlarge": 768,
};

/** PostgreSQL's share: RDS allows one connection for each 9,531,392 bytes of it, and 5000 at most. */
const CONNECTIONS_PER_GIB = 1024 ** 3 / 9_531_392;
const MAX_CONNECTIONS = 5000;

/**
 * Terraform expression for the memory in GiB of an RDS instance class, for example 1 for
 * `db.t3.micro`. Classes of the r families have twice the memory of their size, x families four times.
 * A size that is not in the table counts as the smallest.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 */
export function dbMemoryGiB(instanceClass: string): string {
  const sizes = JSON.stringify(MEMORY_BY_SIZE);
  const size = `element(split(".", ${instanceClass}), 2)`;
  return `lookup(${sizes}, ${size}, 1) * (startswith(${instanceClass}, "db.r") ? 2 : startswith(${instanceClass}, "db.x") ? 4 : 1)`;
}

/**
 * Terraform expression for the connections that an RDS instance class allows, for example 84 for
 * `db.t3.micro`. AWS gives the formula, but not how much memory the operating system and RDS keep for
 * themselves: about 0.2 GiB and a twentieth, as instances in use report (81 to 87 on a micro).
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
 */
export function dbMaxConnections(instanceClass: string): string {
  return `floor(min((${dbMemoryGiB(instanceClass)} * 0.95 - 0.2) * ${CONNECTIONS_PER_GIB.toFixed(3)}, ${MAX_CONNECTIONS}))`;
}
