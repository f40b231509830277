import { describe, expect, it } from "vitest";
import { foreignProviders, isAbsent, parseState, regionOf } from "../../adopt/state";
import { stateForThisProject } from "../../adopt/state-copy";
import { stateFile } from "./older";

const ORIGIN = "terraform.tfstate";

describe("parseState", () => {
  it("gives each instance its address", () => {
    const { instances } = parseState(
      stateFile([{ address: "aws_vpc.main" }, { address: "aws_subnet.public[1]" }]),
      ORIGIN,
    );

    expect(instances.map(({ address, resource }) => [address, resource])).toEqual([
      ["aws_vpc.main", "aws_vpc.main"],
      ["aws_subnet.public[1]", "aws_subnet.public"],
    ]);
  });

  it("gives a resource of a module and a string as index their place in the address", () => {
    const resources = [
      {
        module: "module.jobs",
        mode: "managed",
        type: "aws_sqs_queue",
        name: "jobs",
        provider: "",
        instances: [{ index_key: "fast" }],
      },
    ];

    expect(parseState(stateFile([], { resources }), ORIGIN).instances).toMatchObject([
      { address: 'module.jobs.aws_sqs_queue.jobs["fast"]' },
    ]);
  });

  it("leaves out data sources and deposed instances", () => {
    const resources = [
      { mode: "data", type: "aws_region", name: "here", provider: "", instances: [{}] },
      { mode: "managed", type: "aws_vpc", name: "v", provider: "", instances: [{ deposed: "ab12" }, {}] },
    ];

    expect(parseState(stateFile([], { resources }), ORIGIN).instances).toHaveLength(1);
  });

  it.each([
    ["no JSON", "terraform {}", "must be a Terraform state, but is not JSON"],
    ["an older format", stateFile([], { version: 3 }), "must be a state in format 4, got 3"],
    ["no format", "{}", "must be a state in format 4, got none"],
    ["no lineage", stateFile([], { lineage: "" }), "must have a lineage and a serial"],
  ])("rejects %s", (_, text, message) => {
    expect(() => parseState(text, ORIGIN)).toThrow(`${ORIGIN} ${message}`);
  });
});

describe("isAbsent", () => {
  it.each([
    ["nothing", "\n", true],
    ["a state without lineage", stateFile([], { lineage: "", serial: 0 }), true],
    ["a state", stateFile([]), false],
  ])("knows %s", (_, pulled, expected) => {
    expect(isAbsent(pulled)).toBe(expected);
  });
});

describe("regionOf", () => {
  it("is the region in the load balancer's ARN", () => {
    const arn = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x";

    expect(regionOf(parseState(stateFile([{ address: "aws_lb.app_lb", attributes: { arn } }]), ORIGIN))).toBe(
      "eu-west-1",
    );
  });

  it("is unknown without one", () => {
    expect(regionOf(parseState(stateFile([]), ORIGIN))).toBeUndefined();
  });
});

describe("foreignProviders", () => {
  it("says how to come from another registry's provider", () => {
    const provider = 'provider["registry.opentofu.org/hashicorp/aws"]';
    const state = parseState(stateFile([{ address: "aws_vpc.v", provider }]), ORIGIN);

    expect(foreignProviders(state)).toContain("terraform state replace-provider");
  });

  it("has nothing against an alias of this provider", () => {
    const provider = 'provider["registry.terraform.io/hashicorp/aws"].west';

    expect(
      foreignProviders(parseState(stateFile([{ address: "aws_vpc.v", provider }]), ORIGIN)),
    ).toBeUndefined();
  });
});

describe("stateForThisProject", () => {
  const task = "aws_ecs_task_definition.backend_task";

  it("changes one line: the old revision of the task stays registered", () => {
    const text = stateFile([
      { address: "aws_vpc.v", attributes: { id: "vpc-1", skip_destroy: false } },
      { address: task, attributes: { family: "f", skip_destroy: false, revision: 3 } },
    ]);
    const copy = stateForThisProject(text).split("\n");
    const changed = copy.filter((line, index) => line !== text.split("\n")[index]);

    expect(copy).toHaveLength(text.split("\n").length);
    expect(changed.map((line) => line.trim())).toEqual(['"skip_destroy": true,']);
  });

  it("sets it where an older provider wrote none", () => {
    const copy = stateForThisProject(stateFile([{ address: task, attributes: { family: "f" } }]));

    expect(JSON.parse(copy).resources[0].instances[0].attributes).toEqual({
      family: "f",
      skip_destroy: true,
    });
  });

  it("keeps numbers that JavaScript cannot hold", () => {
    const text = stateFile([{ address: task, attributes: { family: "f" } }]).replace(
      '"outputs": {}',
      '"outputs": {"big": {"value": 12345678901234567890}}',
    );

    expect(stateForThisProject(text)).toContain("12345678901234567890");
  });

  it("leaves a state without a task definition as it is", () => {
    const text = stateFile([{ address: "aws_vpc.v" }]);

    expect(stateForThisProject(text)).toBe(text);
  });
});
