import { DataError } from "../errors.ts";
import type { Sharp } from "./image-transform.ts";

/**
 * The package sharp, which users install only when they have images.
 * @throws DataError when it is not installed.
 */
export async function loadSharp(): Promise<Sharp> {
  try {
    const open = (await import("sharp")).default;
    // No picture is read twice: a cache of them would only hold memory.
    open.cache(false);
    return open;
  } catch (error) {
    throw new DataError({
      operation: "prepare",
      received: `no sharp (${error instanceof Error ? error.message.split("\n")[0] : error})`,
      expected: "the package sharp, which decodes images",
      fix: "Install it beside @nn/datasets: npm install sharp.",
    });
  }
}
