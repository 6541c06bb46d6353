import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 in hexadecimal, of the first `bytes` bytes where that is said. */
export async function hashFile(path: string, bytes: number = Number.POSITIVE_INFINITY): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { end: bytes - 1 })) hash.update(piece as Buffer);
  return hash.digest("hex");
}
