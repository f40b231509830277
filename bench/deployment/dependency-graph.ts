/** What each thing in a Terraform graph waits for, by the name of its node. */
export type DependencyGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** One line of `terraform graph`: a node that depends on another. Quotes in a name are escaped. */
const EDGE = /^\s*"((?:[^"\\]|\\.)*)" -> "((?:[^"\\]|\\.)*)"/;

/** Every node is in the root module here, and says so. */
const MODULE = "[root] ";

/**
 * Reads what `terraform graph -type=apply` prints.
 *
 * @see https://developer.hashicorp.com/terraform/cli/commands/graph
 */
export function parseGraph(dot: string): DependencyGraph {
  const graph = new Map<string, Set<string>>();
  const dependenciesOf = (node: string) => {
    const known = graph.get(node) ?? new Set<string>();
    graph.set(node, known);
    return known;
  };
  for (const line of dot.split("\n")) {
    const [, from, to] = EDGE.exec(line) ?? [];
    if (from === undefined || to === undefined) continue;
    dependenciesOf(nameOf(from)).add(nameOf(to));
    dependenciesOf(nameOf(to));
  }
  return graph;
}

/**
 * The node that stands for a resource instance: its own, or that of the whole resource where Terraform finds
 * the instances only while it applies, as it does for ephemeral resources.
 *
 * @throws when there is neither.
 */
export function nodeOf(graph: DependencyGraph, address: string): string {
  const node = [address, `${address.replace(/\[[^\]]*\]$/, "")} (expand)`].find((name) => graph.has(name));
  if (node === undefined) throw new Error(`the graph of the plan has no node for ${address}`);
  return node;
}

function nameOf(quoted: string): string {
  const name = quoted.replaceAll('\\"', '"');
  return name.startsWith(MODULE) ? name.slice(MODULE.length) : name;
}
