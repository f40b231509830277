/**
 * The same list in another order for each round: every one starts once in `list.length` rounds, and each has
 * now the one, now the other neighbour before it. So what a run leaves behind, and a machine that gets busy,
 * fall on all alike.
 */
export function inOrderOf<T>(round: number, list: readonly T[]): readonly T[] {
  const start = round % list.length;
  const rotated = [...list.slice(start), ...list.slice(0, start)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}
