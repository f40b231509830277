import { nodeOf, type DependencyGraph } from "./dependency-graph";
import type { Timing } from "./timings";

/** One resource, with the time that it could have been begun earlier. */
export interface Step extends Timing {
  /** Seconds between the end of the last thing that it depends on and its own start. */
  readonly waited: number;
}

export interface CriticalPath {
  /** What had to happen one after the other, first to last. */
  readonly steps: readonly Step[];
  /** Seconds that they take together: no order of the same work is quicker. */
  readonly seconds: number;
}

interface Reached {
  /** Seconds of the longest way to the end of this node. */
  readonly seconds: number;
  /** The node before it on that way. */
  readonly previous: string | undefined;
}

/**
 * The longest way through a graph, where each resource counts what it took, and everything else (values,
 * outputs, providers, resources that did not change) nothing. Of two equally long ways, the one whose names come
 * first.
 *
 * @throws when the graph has a cycle, or lacks a resource that was worked on.
 */
export function criticalPath(graph: DependencyGraph, timings: readonly Timing[]): CriticalPath {
  const stepOf = stepsByNode(graph, timings);
  const reached = evaluate<Reached>(graph, (node, dependencies) => {
    const before = longest(dependencies);
    const step = stepOf.get(node);
    const seconds = step ? step.end - step.start : 0;
    return { seconds: seconds + (before?.[1].seconds ?? 0), previous: before?.[0] };
  });

  const last = longest([...reached].sort(([a], [b]) => (a < b ? -1 : 1)));
  const steps: Step[] = [];
  for (let node = last?.[0]; node !== undefined; node = reached.get(node)?.previous) {
    const step = stepOf.get(node);
    if (step) steps.unshift(step);
  }
  return { steps, seconds: last?.[1].seconds ?? 0 };
}

/** Every resource in order of its start, with the time that it could have been begun earlier. */
export function allSteps(graph: DependencyGraph, timings: readonly Timing[]): Step[] {
  return [...stepsByNode(graph, timings).values()].sort((a, b) => a.start - b.start);
}

/** How many resources were worked on side by side. */
export interface Parallelism {
  readonly most: number;
  /** Over the whole time. */
  readonly mean: number;
}

export function parallelismOf(timings: readonly Timing[]): Parallelism {
  const changes = timings
    .flatMap(({ start, end }) => [
      { at: start, by: 1 },
      { at: end, by: -1 },
    ])
    // One that ends makes room for one that starts at the same moment.
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let running = 0;
  let most = 0;
  for (const { by } of changes) {
    running += by;
    most = Math.max(most, running);
  }
  const busy = timings.reduce((sum, { start, end }) => sum + end - start, 0);
  return { most, mean: busy / Math.max(...timings.map(({ end }) => end)) };
}

function stepsByNode(graph: DependencyGraph, timings: readonly Timing[]): Map<string, Step> {
  const timingOf = new Map(timings.map((timing) => [nodeOf(graph, timing.address), timing]));
  const steps = new Map<string, Step>();
  // The value of a node is when those that depend on it could go on.
  evaluate<number>(graph, (node, dependencies) => {
    const ready = Math.max(0, ...dependencies.map(([, end]) => end));
    const timing = timingOf.get(node);
    if (timing) steps.set(node, { ...timing, waited: Math.max(0, timing.start - ready) });
    return timing?.end ?? ready;
  });
  return steps;
}

/** Works out a value for each node from those of the nodes that it depends on, sorted by name. */
function evaluate<Value>(
  graph: DependencyGraph,
  valueOf: (node: string, dependencies: readonly [string, Value][]) => Value,
): Map<string, Value> {
  const values = new Map<string, Value>();
  const onTheWay = new Set<string>();
  const visit = (node: string): Value => {
    const known = values.get(node);
    if (known !== undefined) return known;
    if (onTheWay.has(node)) {
      throw new Error(`the graph has a cycle: ${[...onTheWay, node].join(" -> ")}`);
    }
    onTheWay.add(node);
    const dependencies = [...(graph.get(node) ?? [])].sort();
    const value = valueOf(
      node,
      dependencies.map((dependency) => [dependency, visit(dependency)]),
    );
    onTheWay.delete(node);
    values.set(node, value);
    return value;
  };
  for (const node of graph.keys()) visit(node);
  return values;
}

function longest(nodes: readonly (readonly [string, Reached])[]): readonly [string, Reached] | undefined {
  return nodes.reduce<readonly [string, Reached] | undefined>(
    (best, node) => (best && best[1].seconds >= node[1].seconds ? best : node),
    undefined,
  );
}
