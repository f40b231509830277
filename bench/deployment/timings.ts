/** When one resource was worked on, in seconds since the first one was begun. */
export interface Timing {
  /** For example `aws_subnet.public_subnets[0]`. */
  readonly address: string;
  readonly start: number;
  readonly end: number;
}

export interface Timings {
  /** When the first resource was begun, in milliseconds since 1970. */
  readonly begin: number;
  /** In order of their start. */
  readonly timings: readonly Timing[];
}

interface Event {
  readonly "@timestamp": string;
  readonly type: string;
  readonly hook?: { readonly resource: { readonly addr: string }; readonly action: string };
}

/** Of an ephemeral resource, opening it is what others wait for. It stays open until all of them are done. */
const STARTS = ["apply_start", "ephemeral_op_start"];
const ENDS = ["apply_complete", "ephemeral_op_complete"];

/**
 * When each resource was begun and done, from the lines of `terraform apply -json`. Their own count of elapsed
 * seconds is of whole seconds, so it is their timestamps that count.
 *
 * @see https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 * @throws when nothing was applied.
 */
export function readTimings(lines: readonly string[]): Timings {
  const started = new Map<string, number>();
  const finished: { address: string; from: number; to: number }[] = [];
  for (const { type, hook, "@timestamp": timestamp } of lines.flatMap(parse)) {
    if (!hook || hook.action === "close") continue;
    const address = hook.resource.addr;
    if (STARTS.includes(type)) started.set(address, Date.parse(timestamp));
    const from = started.get(address);
    if (ENDS.includes(type) && from !== undefined) {
      finished.push({ address, from, to: Date.parse(timestamp) });
    }
  }
  if (finished.length === 0) throw new Error("nothing was applied, so there is nothing to measure");
  const begin = Math.min(...finished.map(({ from }) => from));
  return {
    begin,
    timings: finished
      .map(({ address, from, to }) => ({ address, start: (from - begin) / 1000, end: (to - begin) / 1000 }))
      .sort((a, b) => a.start - b.start),
  };
}

function parse(line: string): Event[] {
  try {
    return [JSON.parse(line) as Event];
  } catch {
    return []; // Terraform prints a few messages before it knows the format.
  }
}
