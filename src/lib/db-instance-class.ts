import { MEMORY_BY_SIZE } from "./db-memory";

const T = ["micro", "small", "medium", "large", "xlarge", "2xlarge"];
const UP_TO_16 = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];
const UP_TO_24 = [...UP_TO_16, "24xlarge"];
const UP_TO_32 = [...UP_TO_24, "32xlarge"];
const UP_TO_48 = [...UP_TO_24, "48xlarge"];

/**
 * The sizes of each family that runs PostgreSQL 13 or newer on an instance of its own.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
 */
const FAMILIES: readonly (readonly [families: readonly string[], sizes: readonly string[]])[] = [
  [["t3", "t4g"], T],
  [["m6g", "m6gd", "m7g", "r6g", "r6gd", "r7g", "x2g"], UP_TO_16],
  [["m5", "m5d", "r5", "r5b", "r5d"], UP_TO_24],
  [["m6i", "m6id", "m6idn", "m6in", "r6i", "r6id", "r6idn", "r6in"], UP_TO_32],
  [["m7i", "r7i"], UP_TO_48],
  [["x2idn"], ["16xlarge", "24xlarge", "32xlarge"]],
  [["x2iedn"], ["xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge", "32xlarge"]],
  // Generations that still gain members. RDS has the last word on these.
  [["t([5-9]|[1-9][0-9])[a-z]?"], T],
  [["[mr]([89]|[1-9][0-9])[a-z]{0,4}", "x([3-9]|[1-9][0-9])[a-z]{0,4}"], Object.keys(MEMORY_BY_SIZE)],
];

/** Regular expression (RE2) for the instance classes that run PostgreSQL 13 or newer. */
export const DB_INSTANCE_CLASS = `db\\.(${FAMILIES.map(
  ([families, sizes]) => `(${families.join("|")})\\.(${sizes.join("|")})`,
).join("|")})`;

/** The same for the classes that RDS has, but not for PostgreSQL 13 or newer. */
export const DB_INSTANCE_CLASS_TOO_OLD = "db\\.(m[1-4]|r[34]|t[12]|x1e?|z1d)\\.[0-9a-z]+";
