import { Problem } from "../problem";
import { DATABASE_HOUR, GRAVITON, HOURS, PRICED_REGIONS, PRICES } from "./prices";
import type { Values } from "./values";

const DIGITS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/** One line of the estimate. */
export interface Line {
  readonly item: string;
  /** How many of what. */
  readonly quantity: string;
  /** US dollars a month, rounded to cents. */
  readonly monthly: number;
}

/** What another value of a setting would cost more, or less. */
export interface Switch {
  /** As it would stand in a tfvars file. */
  readonly setting: string;
  /** US dollars a month, negative where it saves. Null where only use decides. */
  readonly monthly: number | null;
  readonly note?: string;
}

export interface Estimate {
  readonly lines: readonly Line[];
  /** US dollars a month with the fewest tasks, around the clock. */
  readonly total: number;
  /** The same with as many tasks as autoscaling may start. */
  readonly totalAtMost: number;
  readonly switches: readonly Switch[];
  /** What makes this estimate less certain than others. */
  readonly notes: readonly string[];
}

/** Secrets of the application, metrics that alarms watch, and rules of the web ACL: the same for all values. */
export const SECRETS = 3;
export const ALARM_METRICS = 12;
export const WEB_ACL_RULES = 6;

/** What a month costs with these values. */
export function estimate(values: Values): Estimate {
  const lines = linesOf(values);
  const total = sum(lines);
  const atMost = Math.max(values.backend_max_count, values.backend_desired_count);
  return {
    lines,
    total,
    totalAtMost: sum(linesOf({ ...values, backend_desired_count: atMost })),
    switches: switchesOf(values, total),
    notes: notesOf(values),
  };
}

function linesOf(values: Values): Line[] {
  const zones = values.public_subnet_cidrs.length;
  const natGateways = values.single_nat_gateway ? 1 : zones;
  const addresses = natGateways + zones;
  const copies = values.db_multi_az ? 2 : 1;
  const each = (count: number, price: number) => `${count} × ${usd(price)}`;
  const hourly = (count: number, price: number) => `${count} × ${HOURS} h × ${usd(price)}`;

  return [
    line(
      "NAT gateways",
      hourly(natGateways, PRICES.natGatewayHour),
      natGateways * HOURS * PRICES.natGatewayHour,
    ),
    line(
      "Public IPv4 addresses",
      hourly(addresses, PRICES.publicAddressHour),
      addresses * HOURS * PRICES.publicAddressHour,
    ),
    line("Load balancer", hourly(1, PRICES.loadBalancerHour), HOURS * PRICES.loadBalancerHour),
    ...taskLines(values),
    line(
      "Database instance",
      `${hourly(copies, databaseHour(values.db_instance_class))} (${values.db_instance_class})`,
      copies * HOURS * databaseHour(values.db_instance_class),
    ),
    line(
      "Database storage",
      `${copies} × ${values.db_allocated_storage} GB × ${usd(PRICES.databaseStorageGb)}`,
      copies * values.db_allocated_storage * PRICES.databaseStorageGb,
    ),
    ...(values.enable_waf
      ? [
          line(
            "Web application firewall",
            `${usd(PRICES.webAcl)} + ${each(rulesOfWebAcl(values), PRICES.webAclRule)}`,
            PRICES.webAcl + rulesOfWebAcl(values) * PRICES.webAclRule,
          ),
        ]
      : []),
    line("Secrets", each(SECRETS, PRICES.secret), SECRETS * PRICES.secret),
    line("Alarms", each(alarmMetrics(values), PRICES.alarmMetric), alarmMetrics(values) * PRICES.alarmMetric),
  ];
}

function taskLines(values: Values): Line[] {
  const spot = values.use_fargate_spot ? Math.max(values.backend_desired_count - 1, 0) : 0;
  const onDemand = values.backend_desired_count - spot;
  const { vcpuHour, gbHour } = PRICES.fargate[values.backend_cpu_architecture];
  const [vcpu, gb] = [values.backend_cpu / 1024, values.backend_memory / 1024];
  const tasks = (item: string, count: number, share: number) => {
    const price = (vcpu * vcpuHour + gb * gbHour) * share;
    return line(
      item,
      `${count} × ${HOURS} h × ${usd(price)} (${vcpu} vCPU, ${gb} GB)`,
      count * HOURS * price,
    );
  };
  return [
    tasks("Fargate tasks", onDemand, 1),
    ...(spot > 0 ? [tasks("Fargate Spot tasks", spot, PRICES.fargateSpotShare)] : []),
  ];
}

function switchesOf(values: Values, total: number): Switch[] {
  const other = (change: Partial<Values>, note?: string): Switch => ({
    setting: Object.entries(change)
      .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
      .join(", "),
    monthly: cents(sum(linesOf({ ...values, ...change })) - total),
    ...(note && { note }),
  });
  const [family = "", size] = values.db_instance_class.replace("db.", "").split(".");
  const twin = `db.${GRAVITON[family]}.${size}`;
  const arm = values.backend_cpu_architecture === "ARM64";
  return [
    ...(values.public_subnet_cidrs.length > 1
      ? [other({ single_nat_gateway: !values.single_nat_gateway })]
      : []),
    other({ db_multi_az: !values.db_multi_az }),
    ...(twin in DATABASE_HOUR ? [other({ db_instance_class: twin })] : []),
    other({ use_fargate_spot: !values.use_fargate_spot }, "The first task is never on Spot."),
    other({ backend_cpu_architecture: arm ? "X86_64" : "ARM64" }, "The image must be built for it."),
    other({ backend_desired_count: values.backend_desired_count + 1 }),
    other(
      { enable_waf: !values.enable_waf },
      `And ${usd(PRICES.webAclMillionRequests)} for a million requests.`,
    ),
    {
      setting: `enable_flow_logs = ${!values.enable_flow_logs}`,
      monthly: null,
      note: `By use: ${usd(PRICES.logGb)} for each GB of log.`,
    },
  ];
}

/** What use decides, and so is in no line. */
export const LEFT_OUT: readonly string[] = [
  `capacity units of the load balancer, ${usd(PRICES.loadBalancerUnitHour)} an hour each`,
  `data: ${usd(PRICES.natGatewayGb)} for a GB through a NAT gateway, ${usd(PRICES.internetGb)} to the internet after the account's first 100 GB, ${usd(PRICES.betweenZonesGb)} between zones each way`,
  `logs, of tasks, database, Enhanced Monitoring, Container Insights, network and firewall: ${usd(PRICES.logGb)} for a GB, and ${usd(PRICES.storedLogGb)} a month to keep it`,
  `metrics of Container Insights, ${usd(PRICES.metric)} a month each`,
  `requests that the firewall looks at, ${usd(PRICES.webAclMillionRequests)} a million`,
  `images, ${usd(PRICES.imageGb)} a month for a GB, and files and access logs in buckets, ${usd(PRICES.bucketGb)}`,
  "CloudFront, where a frontend is hosted",
  `storage that the database grows by, and backups beyond its size, ${usd(PRICES.databaseBackupGb)} a month for a GB`,
  "CPU credits that db.t classes use beyond those they earn, and Extended Support for old engine versions",
  "a fourth dashboard in the account, calls of Secrets Manager, and support, tax, discounts and free tiers",
];

function notesOf(values: Values): string[] {
  return [
    ...(PRICED_REGIONS.includes(values.aws_region)
      ? []
      : [
          `There are no prices for ${values.aws_region} here: these are of ${PRICED_REGIONS.join(" and ")}, and most regions cost more.`,
        ]),
    ...(values.enable_waf && values.enable_frontend_hosting === null
      ? ["enable_frontend_hosting is not set. Where a frontend is hosted, the firewall has one rule more."]
      : []),
    ...(values.use_fargate_spot ? ["Spot is counted at 70 % off, the most that AWS promises."] : []),
  ];
}

function rulesOfWebAcl({ enable_frontend_hosting }: Values): number {
  return WEB_ACL_RULES + (enable_frontend_hosting ? 1 : 0);
}

/** An alarm for CPU credits is there where the class has them. */
function alarmMetrics({ db_instance_class }: Values): number {
  return ALARM_METRICS + (db_instance_class.startsWith("db.t") ? 1 : 0);
}

function databaseHour(instanceClass: string): number {
  const price = DATABASE_HOUR[instanceClass];
  if (price === undefined) {
    throw new Problem(
      `There is no price for ${instanceClass} here.`,
      "Add it to ops/cost/prices.ts, from https://aws.amazon.com/rds/postgresql/pricing/.",
    );
  }
  return price;
}

function line(item: string, quantity: string, monthly: number): Line {
  return { item, quantity, monthly: cents(monthly) };
}

function sum(lines: readonly Line[]): number {
  return cents(lines.reduce((total, { monthly }) => total + monthly, 0));
}

/** A price as text, with as many digits as it has. */
function usd(price: number): string {
  return `$${DIGITS.format(price)}`;
}

function cents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}
