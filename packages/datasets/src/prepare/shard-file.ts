/** One shard on its way to disk: rows under a temporary name, then the end of the file, then its own name. */

import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ShardLayout, ShardMetadata } from "../arrow/schema.ts";
import { encodeShard } from "../arrow/write.ts";
import type { Chunk } from "../columns.ts";
import type { ShardEntry } from "../manifest.ts";

/** What a file is called until it is whole. */
export const partialSuffix = ".partial";

export interface ShardFile {
  /** Ends the file, brings it safely to disk and gives it its name. */
  readonly seal: (metadata: ShardMetadata) => Promise<ShardEntry>;
}

/** Writes the rows of a shard; `rows` may be changed afterwards. */
export async function writeShardFile(
  folder: string,
  file: string,
  rows: Chunk,
  layout: ShardLayout,
): Promise<ShardFile> {
  const path = join(folder, file);
  const { body, seal } = encodeShard(rows, layout);
  const hash = createHash("sha256");
  const count = rows.labels.length;
  let bytes = await append(path + partialSuffix, "w", body, hash);
  return {
    seal: async (metadata) => {
      bytes += await append(path + partialSuffix, "a", seal(metadata), hash);
      await rename(path + partialSuffix, path);
      return { file, rows: count, bytes, sha256: hash.digest("hex") };
    },
  };
}

async function append(path: string, flags: "w" | "a", parts: readonly Uint8Array[], hash: Hash): Promise<number> {
  const handle = await open(path, flags);
  try {
    let bytes = 0;
    for (const part of parts) {
      hash.update(part);
      bytes += part.byteLength;
      await writeAll(handle, part);
    }
    if (flags === "a") await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, part: Uint8Array): Promise<void> {
  let rest = part;
  while (rest.byteLength > 0) {
    const { bytesWritten } = await handle.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}
