import { describe, expect, it } from "vitest";
import { consoleHost } from "../../src/lib/console-host";
import { synth } from "../helpers/synth";

describe("consoleHost", () => {
  it("is the console of the partition, and AWS's main one where the partition is new", () => {
    const { json } = synth((stack) => stack.addOverride("locals.host", consoleHost(stack, "var.partition")));

    expect(json.locals.host).toBe(
      '${lookup({"aws":"console.aws.amazon.com","aws-cn":"console.amazonaws.cn","aws-us-gov":"console.amazonaws-us-gov.com"}, var.partition, "console.aws.amazon.com")}',
    );
  });
});
