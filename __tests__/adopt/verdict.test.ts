import { describe, expect, it } from "vitest";
import { LOST } from "../../adopt/causes";
import type { ResourceChange } from "../../adopt/plan";
import { NOT_OF_THE_TAKEOVER, verdictOn } from "../../adopt/verdict";
import { planWarnings } from "../../adopt/warnings";
import { planned } from "./older";

const verdict = (changes: ResourceChange[], addresses: string[] = []) =>
  verdictOn({ resource_changes: changes }, new Set(addresses));

const VPC = "aws_vpc.time_series_vpc";
const TASK = "aws_ecs_task_definition.backend_task";

describe("verdictOn", () => {
  it("is good when nothing is replaced, destroyed or made again", () => {
    const { good, counts } = verdict([
      planned(VPC, ["update"]),
      planned("aws_eip.nat_gateway_eips[0]", ["no-op"]),
      planned("aws_network_acl.private", ["create"]),
      planned(TASK, ["delete", "create"]),
      planned("aws_secretsmanager_secret_version.api_key", ["forget"]),
      planned("aws_region.here", ["read"], {}, { mode: "data" }),
    ]);

    expect(good).toBe(true);
    expect(counts).toEqual({
      changed: 1,
      unchanged: 1,
      added: 1,
      revisions: 1,
      forgotten: 1,
      replaced: 0,
      destroyed: 0,
    });
  });

  it.each([
    ["destroyed", planned(VPC, ["delete"])],
    ["replaced", planned(VPC, ["delete", "create"])],
    ["replaced the other way round", planned(VPC, ["create", "delete"])],
    ["destroyed in part", planned(VPC, ["delete"], {}, { deposed: "ab12" })],
  ])("is bad when something is %s", (_, change) => {
    expect(verdict([change])).toMatchObject({ good: false, losses: [{ address: VPC }] });
  });

  it("is bad when something in the state is made again, because AWS does not have it", () => {
    const change = planned(VPC, ["create"]);

    expect(verdict([change], [VPC]).losses).toEqual([{ address: VPC, would: "be made again", cause: LOST }]);
    expect(verdict([change]).good).toBe(true);
  });

  it("knows a resource by its former address", () => {
    const change = planned(VPC, ["create"], {}, { previous_address: "aws_vpc.main" });

    expect(verdict([change], ["aws_vpc.main"]).good).toBe(false);
  });

  it("names causes before what only follows from them", () => {
    const follows = planned("aws_subnet.public_subnets[0]", ["delete", "create"], {
      replace_paths: [["vpc_id"]],
      after_unknown: { vpc_id: true },
    });
    const cause = planned(VPC, ["delete", "create"], {
      before: { cidr_block: "10.0.0.0/16" },
      after: { cidr_block: "10.1.0.0/16" },
      replace_paths: [["cidr_block"]],
    });

    expect(verdict([follows, cause]).losses).toEqual([
      {
        address: VPC,
        would: "be replaced",
        cause:
          "cidr_block differs from the state (10.0.0.0/16, the values give 10.1.0.0/16): look at vpc_cidr",
      },
      {
        address: "aws_subnet.public_subnets[0]",
        would: "be replaced",
        cause: "its vpc_id would change with another resource",
      },
    ]);
  });

  it.each([
    ["replace_because_tainted", "marked as broken in the state"],
    ["delete_because_count_index", "the values give fewer of these than the state has"],
    ["delete_because_no_resource_config", "this project has no such resource"],
  ])("says what %s means", (action_reason, cause) => {
    const [loss] = verdict([planned(VPC, ["delete", "create"], {}, { action_reason })]).losses;

    expect(loss?.cause).toContain(cause);
  });

  it("shows what others know of the resources that stay, and no secret", () => {
    const attributes = { identifier: "the-db", endpoint: "the-db.example:5432", password: "hidden" };
    const { kept } = verdict([
      planned("aws_db_instance.postgres", ["update"], { before: attributes, after: attributes }),
      planned("aws_eip.nat_gateway_eips[0]", ["no-op"], { before: { public_ip: "203.0.113.1" } }),
      planned(VPC, ["create"]),
    ]);

    expect(kept.map(({ label, value }) => [label, value])).toEqual([
      ["Elastic IP address", "203.0.113.1"],
      ["Database", "the-db"],
      ["Database endpoint", "the-db.example:5432"],
    ]);
  });

  it("gives the reason of each change in place, and puts together what has the same one", () => {
    const tags = { before: { tags_all: {} }, after: { tags_all: { ManagedBy: "cdktf" } } };
    const { inPlace } = verdict([
      planned(VPC, ["update"], tags),
      planned("aws_internet_gateway.igw", ["update"], tags),
      planned("aws_lb.app_lb", ["update"], {
        before: { idle_timeout: 60, drop_invalid_header_fields: false },
        after: { idle_timeout: 90, drop_invalid_header_fields: true },
      }),
    ]);

    expect(inPlace).toEqual([
      {
        why: "Every resource says which project and environment it belongs to.",
        resources: [
          { address: VPC, attributes: ["tags_all"] },
          { address: "aws_internet_gateway.igw", attributes: ["tags_all"] },
        ],
      },
      {
        why: "Malformed headers do not reach the application.",
        resources: [{ address: "aws_lb.app_lb", attributes: ["drop_invalid_header_fields"] }],
      },
      { why: NOT_OF_THE_TAKEOVER, resources: [{ address: "aws_lb.app_lb", attributes: ["idle_timeout"] }] },
    ]);
  });
});

describe("planWarnings", () => {
  const database = (before: Record<string, unknown>, after: Record<string, unknown>) =>
    planWarnings({
      resource_changes: [
        planned("aws_db_instance.postgres", ["update"], {
          before: { identifier: "the-db", engine_version_actual: "15.4", ...before },
          after: { identifier: "the-db", ...after },
        }),
      ],
    });

  it("says nothing when nothing changes", () => {
    expect(database({ storage_type: "gp3" }, { storage_type: "gp3" })).toEqual([]);
  });

  it("says that an engine upgrade comes at once in dev, and how to put it off", () => {
    expect(database({ engine_version: "15.4" }, { engine_version: "15", apply_immediately: true })).toEqual([
      expect.stringMatching(/upgrades 15\.4 to .* at once, .* set db_engine_version = "15\.4"/),
    ]);
  });

  it("says what waits for the maintenance window elsewhere, and shows in plans until then", () => {
    const [engine, waiting] = database(
      { engine_version: "15.4", multi_az: false },
      {
        engine_version: "15",
        multi_az: true,
        apply_immediately: false,
        maintenance_window: "sun:04:00-sun:05:00",
      },
    );

    expect(engine).toContain("in the maintenance window");
    expect(waiting).toMatch(
      /^Database: engine_version, multi_az wait for the maintenance window \(sun:04:00-sun:05:00\)/,
    );
  });

  it("says that another parameter group needs a restart, and how to make one", () => {
    expect(
      database({ parameter_group_name: "default.postgres15" }, { parameter_group_name: "ours" }),
    ).toEqual([expect.stringContaining("aws rds reboot-db-instance --db-instance-identifier the-db")]);
  });

  it("says that storage cannot be changed again for a while", () => {
    const after = { storage_type: "gp3", apply_immediately: true };

    expect(database({ storage_type: "gp2" }, after)).toEqual([
      expect.stringMatching(/from gp2 to gp3 .* 6 hours/),
    ]);
  });

  it("says that tasks reach port 443 only from now on, and nothing of the older stack's own rules", () => {
    const rule = { from_port: 0, to_port: 0, protocol: "-1", cidr_blocks: ["0.0.0.0/0"] };
    const group = planned("aws_security_group.backend_sg", ["update"], {
      before: { egress: [rule] },
      after: { egress: [] },
    });

    expect(planWarnings({ resource_changes: [group] })).toEqual([expect.stringContaining("port 443 only")]);
  });

  it("lists each rule that somebody added by hand", () => {
    const own = { from_port: 5432, to_port: 5432, protocol: "tcp", security_groups: ["sg-1"] };
    const added = { from_port: 5000, to_port: 5001, protocol: "tcp", cidr_blocks: ["203.0.113.7/32"] };
    const group = planned("aws_security_group.db_sg", ["update"], {
      before: { ingress: [own, { ...added, description: "" }] },
      after: { ingress: [{ ...own, description: "From the tasks" }] },
    });

    expect(planWarnings({ resource_changes: [group] })).toEqual([
      expect.stringContaining("goes: ingress tcp 5000-5001 from 203.0.113.7/32, in aws_security_group.db_sg"),
    ]);
  });
});
