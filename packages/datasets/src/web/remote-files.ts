/** Files of a dataset where it is served, whole or in part. */

import type { ByteRange } from "@nn/arrow";
import { DataError } from "../errors.ts";
import { plural } from "../plural.ts";

/** As much of `fetch` as is needed. */
export type Fetch = (
  url: string,
  options: { readonly headers: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
) => Promise<FetchResponse>;

export interface FetchResponse {
  readonly status: number;
  /** Where a server says which part of a file it sends (`content-range`), that is compared with what was asked for. */
  readonly headers?: { get(name: string): string | null };
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}

// Called on its own object: browsers refuse it as anyone's method.
const ownFetch: Fetch = (url, options) => globalThis.fetch(url, options);

/** What a shard's first request brings where ranges are taken: the header of its rows among it. */
const startBytes = 4096;

export class RemoteFiles {
  readonly #fetch: Fetch;
  readonly #signal: { signal?: AbortSignal };

  constructor({ fetch = ownFetch, signal }: { readonly fetch?: Fetch; readonly signal?: AbortSignal }) {
    this.#fetch = fetch;
    this.#signal = signal === undefined ? {} : { signal };
  }

  async whole(url: string): Promise<Uint8Array> {
    return (await this.#get(url, undefined)).bytes;
  }

  /** The first bytes of a file, or all of it where the server takes no range requests. */
  async start(url: string, size: number): Promise<Uint8Array> {
    const length = Math.min(size, startBytes);
    const { bytes, isPart } = await this.#get(url, { offset: 0, length });
    if (bytes.byteLength === (isPart ? length : size)) return bytes;
    throw altered(url, plural(bytes.byteLength, "byte"), `${isPart ? length : size} bytes as asked for`);
  }

  async range(url: string, range: ByteRange): Promise<Uint8Array> {
    const { bytes, isPart } = await this.#get(url, range);
    const part = isPart ? bytes : bytes.subarray(range.offset, range.offset + range.length);
    if (part.byteLength === range.length) return part;
    throw altered(
      url,
      `${plural(part.byteLength, "byte")} from ${range.offset} on`,
      `${range.length} bytes as asked for`,
    );
  }

  async #get(url: string, range: ByteRange | undefined): Promise<{ bytes: Uint8Array; isPart: boolean }> {
    const wanted = range && `${range.offset}-${range.offset + range.length - 1}`;
    const headers: Record<string, string> = wanted === undefined ? {} : { Range: `bytes=${wanted}` };
    let response: FetchResponse;
    try {
      response = await this.#fetch(url, { headers, ...this.#signal });
      const isPart = response.status === 206 && range !== undefined;
      // Servers of other origins may send it and hide it from the page.
      const says = (isPart && response.headers?.get("content-range")) || `bytes ${wanted}/*`;
      if (!says.startsWith(`bytes ${wanted}/`)) throw altered(url, says, `bytes ${wanted} as asked for`);
      if (response.status === 200 || isPart) return { bytes: new Uint8Array(await response.arrayBuffer()), isPart };
    } catch (error) {
      if (this.#signal.signal?.aborted || error instanceof DataError) throw error;
      throw missing(url, error instanceof Error ? error.message : String(error));
    }
    throw missing(url, `status ${response.status}`);
  }
}

/** That a file is there and is not what the manifest says. */
export function altered(url: string, received: string, expected: string): DataError {
  const fix = "Prepare and upload the dataset again.";
  return new DataError({ operation: "fetchDataset", received: `${url} with ${received}`, expected, fix });
}

function missing(url: string, reason: string): DataError {
  const received = `${url}, which cannot be fetched (${reason})`;
  return new DataError({ operation: "fetchDataset", received, expected: "the files of a prepared dataset" });
}
