import { beforeAll, describe, expect, it } from "vitest";
import { rulesOfStack, type Variable } from "../../check/rules";
import { wholeStack } from "../helpers/synth";
import { REQUIRED, RIGHT, WRONG, WRONG_TYPES, type Values, type WrongCase } from "./corpus";
import { answers, concernedBy, type Answer } from "./answers";

const { variable: variables } = rulesOfStack();
const SECRETS = Object.keys(variables).filter((name) => variables[name]?.sensitive);

/** What Terraform says of values, with the rules of the stack or others. */
function say(cases: readonly Values[], rules = variables): Promise<Answer[]> {
  return answers(
    cases.map((given) => {
      const concerned = Object.keys(given).length > 0 ? concernedBy(given, rules) : rules;
      const required = Object.entries(REQUIRED).filter(([name]) => name in concerned);
      return { variables: concerned, values: { ...Object.fromEntries(required), ...given } };
    }),
  );
}

const short = (values: Values): string => {
  const text = JSON.stringify(values);
  return text.length > 100 ? `${text.slice(0, 97)}…` : text;
};

/** A rule by its place: the variable that it stands on, and which one it is there. */
const places = Object.entries(variables).flatMap(([owner, { validation = [] }]) =>
  validation.map((rule, index) => ({ owner, index, pattern: patternOf(rule.error_message) })),
);

/** The rules that may have given a message. */
function rulesThatSay(message: string) {
  return places.filter(({ pattern }) => pattern.test(message));
}

it("the rules are those of cdk.tf.json, word for word", () => {
  expect(variables).toEqual(wholeStack().json.variable);
});

describe("wrong values", () => {
  let said: Answer[];
  beforeAll(async () => {
    said = await say(WRONG.map(({ values }) => values));
  });

  it("are many, each once", () => {
    expect(WRONG.length).toBeGreaterThanOrEqual(150);
    expect(new Set(WRONG.map(({ values }) => JSON.stringify(values))).size).toBe(WRONG.length);
  });

  it.each(WRONG.map((wrong, index) => ({ ...wrong, index, values: short(wrong.values) })))(
    "$values: $about $says",
    ({ index, about, says }) => {
      const answer = said[index];

      expect(answer?.others).toEqual([]);
      // One wrong value gets one answer.
      expect(answer?.rules).toHaveLength(1);
      expect(answer?.rules[0]).toMatch(new RegExp(`^${about} must `));
      expect(answer?.rules[0]).toMatch(says);
    },
  );

  it("are shown as they were given, unless they are secret", () => {
    const messages = WRONG.map(({ about, says }, index) => ({ about, says, message: said[index]?.rules[0] }));
    const secret = messages.filter(({ about }) => SECRETS.includes(about));
    const others = messages.filter(({ about }) => !SECRETS.includes(about));

    expect(others.filter(({ message }) => !message?.includes(", got "))).toEqual([]);
    // However the secret is wrong, the rule has the same words for it.
    for (const { says, message } of secret) {
      expect(
        new Set(
          secret
            .filter(
              (each) =>
                `${each.says}` === `${says}` && each.message?.startsWith(message?.split(" ")[0] ?? ""),
            )
            .map((each) => each.message),
        ).size,
      ).toBe(1);
    }
  });

  it("name a variable in any case, and end a sentence", () => {
    for (const { rules } of said) {
      for (const message of rules) expect(message).toMatch(/^[a-z_]+ must .*\.$/s);
    }
  });

  it("together stand for every rule: without any one of them, some case gets no answer", async () => {
    const casesByRule = new Map<string, WrongCase[]>();
    WRONG.forEach((wrong, index) => {
      const [rule, ...more] = rulesThatSay(said[index]?.rules[0] ?? "");
      expect(more).toEqual([]);
      const key = `${rule?.owner}.${rule?.index}`;
      casesByRule.set(key, [...(casesByRule.get(key) ?? []), wrong]);
    });
    const untested = places.filter(({ owner, index }) => !casesByRule.has(`${owner}.${index}`));
    expect(untested.map(({ owner, index }) => `${owner}.${index}`)).toEqual([]);

    // The rules that stand at the same place of each variable's list are taken away in one go. A case has one
    // wrong value, so nothing else that goes with them had an answer to it.
    const survivors: string[] = [];
    const most = Math.max(...places.map(({ index }) => index));
    for (let index = 0; index <= most; index++) {
      const mutants = places.filter((place) => place.index === index);
      const cases = mutants.map(({ owner }) => casesByRule.get(`${owner}.${index}`)?.[0] as WrongCase);
      const without = Object.fromEntries(
        Object.entries(variables).map(([name, block]) => [name, withoutRule(block, index)]),
      );
      const now = await say(
        cases.map(({ values }) => values),
        without,
      );
      mutants.forEach(({ owner, pattern }, i) => {
        if (now[i]?.rules.some((message) => pattern.test(message))) survivors.push(`${owner}.${index}`);
      });
    }
    expect(survivors).toEqual([]);
  });
});

describe("values of a wrong type", () => {
  let said: Answer[];
  beforeAll(async () => {
    said = await say(WRONG_TYPES);
  });

  it.each(
    WRONG_TYPES.map((values, index) => ({ values: short(values), name: Object.keys(values)[0], index })),
  )("$values: Terraform names $name", ({ name, index }) => {
    expect(said[index]?.others).toHaveLength(1);
    expect(said[index]?.others[0]).toMatch(new RegExp(`\\bvar\\.\\w+_${name}\\b`));
  });
});

describe("right values", () => {
  const entries = Object.entries(RIGHT);
  let said: Answer[];
  beforeAll(async () => {
    said = await say(entries.map(([, values]) => values));
  });

  it("are many", () => {
    expect(entries.length).toBeGreaterThanOrEqual(60);
  });

  it.each(entries.map(([name], index) => ({ name, index })))("$name", ({ index }) => {
    expect(said[index]).toEqual({ rules: [], others: [] });
  });
});

function withoutRule(block: Variable, index: number): Variable {
  return { ...block, validation: (block.validation ?? []).filter((_, i) => i !== index) };
}

/** What a Terraform template may become: anything may stand in the place of an expression. */
function patternOf(template: string): RegExp {
  let pattern = "";
  for (let at = 0; at < template.length;) {
    if (template.startsWith("${", at)) {
      at = endOfExpression(template, at + 2);
      pattern += ".*";
    } else {
      pattern += (template[at] ?? "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      at++;
    }
  }
  return new RegExp(`^${pattern}$`, "s");
}

function endOfExpression(template: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; depth > 0; at++) {
    if (template[at] === "{") depth++;
    if (template[at] === "}") depth--;
  }
  return at;
}
