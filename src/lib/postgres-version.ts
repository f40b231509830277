/** First minor version of each major one that RDS has. */
const FIRST_MINOR: Readonly<Record<number, number>> = { 13: 1, 14: 1, 15: 2, 16: 1, 17: 1, 18: 1 };

/** PostgreSQL gives each major version about twenty minor ones, four a year. */
const LAST_MINOR = 29;

export const MAJOR_VERSIONS = Object.keys(FIRST_MINOR);

/** Regular expression (RE2) for a major version, alone or with a minor one that RDS may have. */
export const POSTGRES_VERSION = Object.entries(FIRST_MINOR)
  .map(([major, first]) => `${major}(\\.(${minorsFrom(first).join("|")}))?`)
  .join("|");

/**
 * The same for the versions that RDS no longer creates. An instance that runs one keeps it until RDS upgrades it.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
 */
export const CLOSED_POSTGRES_VERSION = "15\\.([2-9]|1[0-2])";

function minorsFrom(first: number): number[] {
  return Array.from({ length: LAST_MINOR - first + 1 }, (_, index) => first + index);
}
