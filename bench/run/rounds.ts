/**
 * The same list in another order for each round: from another start, there and back. What a run leaves behind,
 * and a machine that gets busy, then fall on all alike.
 */
export function inOrderOf<T>(round: number, list: readonly T[]): readonly T[] {
  const start = Math.floor(round / 2) % list.length;
  const rotated = [...list.slice(start), ...list.slice(0, start)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}
