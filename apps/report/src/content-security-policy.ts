// What the page may do: run its own scripts, and load nothing from anywhere, for everything it shows is in its file.
import { createHash } from "node:crypto";

/** A page that begins with `PLACE_OF_POLICY` in its meta element. */
export const PLACE_OF_POLICY = "%policy%";

/**
 * The policy of `page`. Scripts are named by their SHA-256, so that no text of a run can become one; styles are not, for the
 * charts set them on their elements. `frame-ancestors` counts in a header only.
 */
export function contentSecurityPolicy(page: string): string {
  const scripts = [...page.matchAll(/<script type="module"[^>]*>(.*?)<\/script>/gs)].map(
    ([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.length === 0 ? "'none'" : scripts.join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}
