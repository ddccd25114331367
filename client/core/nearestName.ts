/** The known name that a mistyped one most likely means: the one with the fewest edits (Levenshtein), capitals aside. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  const target = given.toLowerCase();
  const ranked = known
    .map((name) => ({ name, edits: editDistance(target, name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.name;
}

export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous.at(-1)!;
}
