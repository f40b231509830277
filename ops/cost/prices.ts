/**
 * What AWS asks, in US dollars without tax, on demand, as written down on {@link PRICES_OF}. None of it is read
 * from AWS at run time.
 *
 * They were taken from copies of AWS's price lists, not from AWS's own pages, which the links name: look there
 * before a decision hangs on a cent. To renew them, compare each with its page and change the date.
 */
export const PRICES_OF = "2026-11-26";

/** Regions with exactly these prices. Most others cost more. */
export const PRICED_REGIONS: readonly string[] = ["us-east-1", "us-west-2"];

/** Hours of a month, as AWS's own calculator counts. */
export const HOURS = 730;

export const PRICES = {
  /** An hour of a NAT gateway, and a GB through it. https://aws.amazon.com/vpc/pricing/ */
  natGatewayHour: 0.045,
  natGatewayGb: 0.045,
  /** An hour of a public IPv4 address. https://aws.amazon.com/vpc/pricing/ */
  publicAddressHour: 0.005,
  /** An hour of a load balancer, and of a capacity unit (LCU). https://aws.amazon.com/elasticloadbalancing/pricing/ */
  loadBalancerHour: 0.0225,
  loadBalancerUnitHour: 0.008,
  /** An hour of a vCPU and of a GB of memory. https://aws.amazon.com/fargate/pricing/ */
  fargate: {
    X86_64: { vcpuHour: 0.04048, gbHour: 0.004445 },
    ARM64: { vcpuHour: 0.03238, gbHour: 0.00356 },
  },
  /** What is left of the price on Fargate Spot. AWS sets it anew each day and says "up to 70 % off". */
  fargateSpotShare: 0.3,
  /** A month of a GB of database storage, gp2 and gp3 alike. https://aws.amazon.com/rds/postgresql/pricing/ */
  databaseStorageGb: 0.115,
  /** A month of a GB of backups beyond the size of the database. */
  databaseBackupGb: 0.095,
  /** A month of a secret. https://aws.amazon.com/secrets-manager/pricing/ */
  secret: 0.4,
  /** A month of a metric that an alarm watches. https://aws.amazon.com/cloudwatch/pricing/ */
  alarmMetric: 0.1,
  /** A month of a metric, a GB of log that comes in, and a month of one that is kept. */
  metric: 0.3,
  logGb: 0.5,
  storedLogGb: 0.03,
  /** A month of a web ACL and of each of its rules, and a million requests. https://aws.amazon.com/waf/pricing/ */
  webAcl: 5,
  webAclRule: 1,
  webAclMillionRequests: 0.6,
  /** A month of a GB of images. https://aws.amazon.com/ecr/pricing/ */
  imageGb: 0.1,
  /** A month of a GB in a bucket. https://aws.amazon.com/s3/pricing/ */
  bucketGb: 0.023,
  /** A GB to the internet, after the first 100 of the account. https://aws.amazon.com/ec2/pricing/on-demand/ */
  internetGb: 0.09,
  /** A GB between two zones, each way. */
  betweenZonesGb: 0.01,
} as const;

/**
 * An hour of a PostgreSQL instance in one zone. In two zones it costs twice as much.
 *
 * @see https://aws.amazon.com/rds/postgresql/pricing/
 */
export const DATABASE_HOUR: Readonly<Record<string, number>> = {
  "db.t3.micro": 0.018,
  "db.t3.small": 0.036,
  "db.t3.medium": 0.072,
  "db.t3.large": 0.145,
  "db.t3.xlarge": 0.29,
  "db.t3.2xlarge": 0.58,
  "db.t4g.micro": 0.016,
  "db.t4g.small": 0.032,
  "db.t4g.medium": 0.065,
  "db.t4g.large": 0.129,
  "db.t4g.xlarge": 0.258,
  "db.t4g.2xlarge": 0.517,
  "db.m5.large": 0.178,
  "db.m5.xlarge": 0.356,
  "db.m5.2xlarge": 0.712,
  "db.m6g.large": 0.159,
  "db.m6g.xlarge": 0.318,
  "db.m6g.2xlarge": 0.636,
  "db.m6i.large": 0.178,
  "db.m6i.xlarge": 0.356,
  "db.m6i.2xlarge": 0.712,
  "db.m7g.large": 0.168,
  "db.m7g.xlarge": 0.337,
  "db.m7g.2xlarge": 0.674,
  "db.r5.large": 0.25,
  "db.r5.xlarge": 0.5,
  "db.r5.2xlarge": 1,
  "db.r6g.large": 0.225,
  "db.r6g.xlarge": 0.45,
  "db.r6g.2xlarge": 0.899,
  "db.r6i.large": 0.25,
  "db.r6i.xlarge": 0.5,
  "db.r6i.2xlarge": 1,
};

/** Families with a Graviton twin, which costs less. */
export const GRAVITON: Readonly<Record<string, string>> = {
  t3: "t4g",
  m5: "m6g",
  m6i: "m6g",
  r5: "r6g",
  r6i: "r6g",
};
