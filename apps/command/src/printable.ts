/**
 * Text from files, folders and other programs, made fit for a terminal: a name must not move the cursor, change the title,
 * reverse the reading direction or pass for another line of output.
 */

// C0 but for the line feed, DEL, C1; directional controls; line and paragraph separators; halves of surrogate pairs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for
const hidden = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Surrogate}]/gu;

/** `text` with control characters as `\u001b`, which is JSON's own escape for them. Line feeds stay. */
export function printable(text: string): string {
  return text.replace(hidden, escaped);
}

/** `printable` on one line: a line feed becomes `\n`. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
