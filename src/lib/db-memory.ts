/** GiB of memory of an instance of the general-purpose families, by size. */
const MEMORY_BY_SIZE = {
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
  "48xlarge": 768,
};

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
