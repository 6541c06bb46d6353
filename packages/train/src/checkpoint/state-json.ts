/** JSON that keeps every number: NaN, ±∞ and −0, for which JSON has no text, are written as `{ "$number": "NaN" }`. */

const KEY = /^\$+number$/;

/** The text of `value`, which holds only what JSON holds and numbers. */
export function formatState(value: unknown): string {
  return JSON.stringify(value, (_, each) => {
    if (typeof each === "number" && (!Number.isFinite(each) || Object.is(each, -0))) {
      return { $number: Object.is(each, -0) ? "-0" : String(each) };
    }
    // A record that looks like one of these numbers gets one more sign.
    const key = onlyKey(each);
    return key === undefined ? each : { [`$${key}`]: each[key] };
  });
}

/** The value of a text of `formatState`. @throws SyntaxError */
export function parseState(text: string): unknown {
  return JSON.parse(text, (_, each) => {
    const key = onlyKey(each);
    if (key === undefined) return each;
    return key === "$number" ? Number(each[key]) : { [key.slice(1)]: each[key] };
  });
}

function onlyKey(value: unknown): string | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  return keys.length === 1 && KEY.test(keys[0]!) ? keys[0] : undefined;
}
