/** Text from files of others, made fit for a terminal. */

/**
 * What a terminal would obey instead of show, or would hide: control characters (C0, DEL, C1), separators of lines, marks of
 * text direction, and characters without width. The joiners that scripts and emoji need stay.
 */
const unprintable =
  /\u034f|[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** A value on one line: what cannot be shown stands as `\u001b`, which in JSON means the same character. */
export const printable = (value: string): string => value.replace(unprintable, escaped);

/** Text of lines that were made here, of which only the line feeds are left as they are. */
export const printableLines = (text: string): string =>
  text.replace(unprintable, (character) => (character === "\n" ? character : escaped(character)));

/** In UTF-16 units, as JSON has them. */
const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }).join("");
