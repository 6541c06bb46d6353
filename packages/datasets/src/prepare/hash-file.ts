import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { OpenFile } from "../node/regular-file.ts";

/** SHA-256 in hexadecimal of an open file, which is closed; of its first `bytes` bytes where that is said. */
export async function hashFile({ handle }: OpenFile, bytes: number = Number.POSITIVE_INFINITY): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream("", { fd: handle, start: 0, end: bytes - 1 }))
    hash.update(piece as Buffer);
  return hash.digest("hex");
}
