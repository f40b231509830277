import { expect, it } from "vitest";
import { inOrderOf } from "../../bench/run/rounds";

const contenders = ["a", "b", "c", "d"] as const;
const rounds = Array.from({ length: 2 * contenders.length }, (_, round) => inOrderOf(round, contenders));

it("runs every contender once in each round", () => {
  for (const round of rounds) expect([...round].sort()).toEqual(contenders);
});

it("lets each one start, and gives each different neighbours", () => {
  const before = (one: string) => new Set(rounds.map((round) => round[round.indexOf(one as "a") - 1]));

  expect(new Set(rounds.map(([first]) => first))).toEqual(new Set(contenders));
  for (const one of contenders) expect(before(one)).toEqual(new Set([undefined, ...neighboursOf(one)]));
});

function neighboursOf(one: (typeof contenders)[number]): readonly string[] {
  const place = contenders.indexOf(one);
  return [contenders.at(place - 1), contenders[(place + 1) % contenders.length]] as string[];
}
