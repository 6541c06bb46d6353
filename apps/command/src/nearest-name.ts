/** ` Did you mean "moons-fast"?`, or nothing where no known name is near `name`. */
export function didYouMean(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, edits: editsBetween(name.toLowerCase(), candidate.toLowerCase()) }))
    // As commander judges: two fifths of the longer one at most, and three edits.
    .filter(({ candidate, edits }) => edits <= 3 && edits <= 0.4 * Math.max(name.length, candidate.length))
    .sort((a, b) => a.edits - b.edits);
  return nearest === undefined ? "" : ` Did you mean "${nearest.candidate}"?`;
}

/** Characters to insert, delete or replace (Levenshtein, 1965). */
function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, character] of [...a].entries()) {
    const line = [row + 1];
    for (let column = 0; column < b.length; column++) {
      const replaced = above[column]! + (character === b[column] ? 0 : 1);
      line.push(Math.min(replaced, above[column + 1]! + 1, line[column]! + 1));
    }
    above = line;
  }
  return above.at(-1)!;
}
