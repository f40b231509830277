import { describe, expect, it } from "vitest";
import { allSteps, criticalPath, parallelismOf } from "../../bench/deployment/critical-path";
import { nodeOf, parseGraph } from "../../bench/deployment/dependency-graph";
import type { Timing } from "../../bench/deployment/timings";

/** A graph as Terraform prints it, from lines such as `service -> database`. */
function graphOf(...edges: string[]) {
  const lines = edges.map((edge) => {
    const [from, to] = edge.split(" -> ");
    return `\t\t"[root] ${from}" -> "[root] ${to}"`;
  });
  return parseGraph(["digraph {", '\tsubgraph "root" {', ...lines, "\t}", "}"].join("\n"));
}

/** `address`, from second `start` to second `end`. */
function timing(address: string, start: number, end: number): Timing {
  return { address, start, end };
}

describe("parseGraph", () => {
  it("reads who waits for whom, and names with quotes in them", () => {
    const graph = parseGraph(`digraph {
	compound = "true"
	subgraph "root" {
		"[root] aws_vpc.main" [label = "aws_vpc.main", shape = "box"]
		"[root] aws_vpc.main" -> "[root] provider[\\"registry.terraform.io/hashicorp/aws\\"]"
		"[root] aws_s3_bucket.each[\\"a\\"]" -> "[root] aws_vpc.main"
	}
}`);

    expect(graph).toEqual(
      new Map([
        ["aws_vpc.main", new Set(['provider["registry.terraform.io/hashicorp/aws"]'])],
        ['provider["registry.terraform.io/hashicorp/aws"]', new Set()],
        ['aws_s3_bucket.each["a"]', new Set(["aws_vpc.main"])],
      ]),
    );
  });

  it("finds an instance under its own name, or under that of the whole resource", () => {
    const graph = graphOf(
      "aws_subnet.a[0] -> aws_subnet.a (expand)",
      "ephemeral.x.y (expand) -> aws_subnet.a[0]",
    );

    expect(nodeOf(graph, "aws_subnet.a[0]")).toBe("aws_subnet.a[0]");
    expect(nodeOf(graph, "ephemeral.x.y")).toBe("ephemeral.x.y (expand)");
    expect(() => nodeOf(graph, "aws_vpc.main")).toThrow("no node for aws_vpc.main");
  });
});

describe("criticalPath", () => {
  const graph = graphOf(
    "service -> url",
    "service -> listener",
    "url -> database",
    "database -> group",
    "group -> vpc",
    "listener -> balancer",
    "balancer -> group",
    "output.url (expand) -> url",
  );
  const timings = [
    timing("vpc", 0, 2),
    timing("group", 2, 3),
    timing("database", 3, 13),
    timing("balancer", 3.5, 9.5),
    timing("listener", 9.5, 10),
    timing("url", 13, 14),
    timing("service", 15, 17),
  ];

  it("is the longest chain, with the time that each step waited for nothing", () => {
    const { steps, seconds } = criticalPath(graph, timings);

    expect(steps.map(({ address, waited }) => [address, waited])).toEqual([
      ["vpc", 0],
      ["group", 0],
      ["database", 0],
      ["url", 0],
      ["service", 1],
    ]);
    expect(seconds).toBe(2 + 1 + 10 + 1 + 2);
  });

  it("is shorter than the time of all when the start of a step on it was late", () => {
    expect(criticalPath(graph, timings).seconds).toBeLessThan(17);
  });

  it("goes through what took no time, such as a local, an output or a resource that did not change", () => {
    const { steps, seconds } = criticalPath(
      graphOf("c -> local.x (expand)", "local.x (expand) -> b", "b -> a"),
      // b is not in the events: nothing was to do.
      [timing("a", 0, 4), timing("c", 4, 5)],
    );

    expect(steps.map(({ address }) => address)).toEqual(["a", "c"]);
    expect(seconds).toBe(5);
  });

  it("takes the chain whose names come first when two are equally long", () => {
    const tie = graphOf("end -> b", "end -> a", "other -> b");
    const { steps } = criticalPath(tie, [timing("a", 0, 3), timing("b", 0, 3), timing("end", 3, 4)]);

    expect(steps.map(({ address }) => address)).toEqual(["a", "end"]);
  });

  it("is told when a resource is in no graph", () => {
    expect(() => criticalPath(graph, [timing("aws_vpc.other", 0, 1)])).toThrow("no node for aws_vpc.other");
  });

  it("is told when the graph has a cycle", () => {
    expect(() => criticalPath(graphOf("a -> b", "b -> c", "c -> a"), [timing("a", 0, 1)])).toThrow(
      "the graph has a cycle: a -> b -> c -> a",
    );
  });
});

describe("allSteps", () => {
  it("says how much earlier each resource could have been begun", () => {
    const graph = graphOf("b -> a", "c -> local.x", "local.x -> a");

    expect(allSteps(graph, [timing("b", 3, 4), timing("a", 0, 2), timing("c", 2.5, 3)])).toEqual([
      { ...timing("a", 0, 2), waited: 0 },
      { ...timing("c", 2.5, 3), waited: 0.5 },
      { ...timing("b", 3, 4), waited: 1 },
    ]);
  });
});

describe("parallelismOf", () => {
  it("counts what runs side by side, but not what starts when another ends", () => {
    expect(parallelismOf([timing("a", 0, 2), timing("b", 0, 1), timing("c", 1, 2)])).toEqual({
      most: 2,
      mean: 2,
    });
  });
});
