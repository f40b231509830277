import { isDeepStrictEqual } from "node:util";
import type { ResourceChange } from "./plan";

/** A rule of a security group that a plan removes. */
export interface RemovedRule {
  readonly address: string;
  /** For example `ingress tcp 5432 from 203.0.113.7/32`. */
  readonly rule: string;
}

type Direction = "ingress" | "egress";

interface Rule {
  readonly from_port: number;
  readonly to_port: number;
  readonly protocol: string;
  readonly peers: readonly string[];
}

/** The older stack's own rules: replaced by narrower ones, for a reason that the table of changes gives. */
const OLDER_RULES: readonly {
  readonly direction: Direction;
  readonly group?: string;
  readonly rule: Rule;
}[] = [
  { direction: "egress", rule: { from_port: 0, to_port: 0, protocol: "-1", peers: ["0.0.0.0/0"] } },
  {
    direction: "ingress",
    group: "aws_security_group.alb_sg",
    rule: { from_port: 443, to_port: 443, protocol: "tcp", peers: ["0.0.0.0/0"] },
  },
];

/** Rules that somebody added by hand, and that a plan removes. */
export function removedByHandRules(changes: readonly ResourceChange[]): RemovedRule[] {
  return changes
    .filter(({ type, change }) => type === "aws_security_group" && change.before && change.after)
    .flatMap((group) =>
      (["ingress", "egress"] as const).flatMap((direction) =>
        removed(group, direction).map((rule) => ({
          address: group.address,
          rule: describe(direction, rule),
        })),
      ),
    );
}

function removed({ address, change: { before, after } }: ResourceChange, direction: Direction): Rule[] {
  const planned = rulesIn(after?.[direction]);
  return rulesIn(before?.[direction]).filter(
    (rule) =>
      !planned.some((each) => isDeepStrictEqual(each, rule)) &&
      !OLDER_RULES.some(
        (older) =>
          older.direction === direction &&
          (older.group ?? address) === address &&
          isDeepStrictEqual(older.rule, rule),
      ),
  );
}

function rulesIn(value: unknown): Rule[] {
  if (!Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).map((rule) => ({
    from_port: Number(rule.from_port),
    to_port: Number(rule.to_port),
    protocol: String(rule.protocol),
    peers: [
      ...["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"].flatMap(
        (name) => (rule[name] as string[] | null | undefined) ?? [],
      ),
      ...(rule.self ? ["itself"] : []),
    ].sort(),
  }));
}

function describe(direction: Direction, { from_port, to_port, protocol, peers }: Rule): string {
  const ports = from_port === to_port ? `${from_port}` : `${from_port}-${to_port}`;
  const what = protocol === "-1" ? "everything" : `${protocol} ${ports}`;
  return `${direction} ${what} ${direction === "ingress" ? "from" : "to"} ${peers.join(", ") || "nobody"}`;
}
