import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { countIf, everyAttribute, expression, listText, optionalAttribute } from "../../src/lib/expression";
import { ref, synth } from "../helpers/synth";

describe("expression", () => {
  it("is what Terraform reads, with references inside and no quotes", () => {
    const { json } = synth((stack) => {
      const address = new Eip(stack, "address", {});
      stack.addOverride("locals.name", expression(stack, `upper(${address.id}) == "X" ? 1 : 0`));
    });

    expect(json.locals.name).toBe('${upper(aws_eip.address.id) == "X" ? 1 : 0}');
  });
});

describe("listText", () => {
  it("puts a list into an expression", () => {
    const list = Token.asList(ref("var.zones"));
    const { json } = synth((stack) =>
      stack.addOverride("locals.first", expression(stack, `${listText(list)}[0]`)),
    );

    expect(json.locals.first).toBe("${var.zones[0]}");
  });
});

describe("countIf", () => {
  it("is one where the condition holds, otherwise none", () => {
    const eip = synth((stack) => {
      new Eip(stack, "address", { count: countIf(stack, ref("var.wanted")) });
    }).resource(Eip);

    expect(eip.count).toBe("${var.wanted ? 1 : 0}");
  });
});

describe("attributes of a counted resource", () => {
  const read = (of: (eip: Eip) => unknown) =>
    synth((stack) => {
      const eip = new Eip(stack, "address", { count: countIf(stack, ref("var.wanted")) });
      stack.addOverride("locals.value", of(eip));
    }).json.locals.value;

  it("are null where the resource is left out", () => {
    expect(read((eip) => optionalAttribute(eip, "id"))).toBe("${one(aws_eip.address[*].id)}");
  });

  it("are a list, one for each instance", () => {
    expect(read((eip) => everyAttribute(eip, "id"))).toBe("${aws_eip.address[*].id}");
  });
});
