/** What a worker of `prefetch` runs in a page. */

import type { Request } from "../prefetch/protocol.ts";
import { serveBatches } from "../prefetch/serve.ts";

declare const self: {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  onmessage: (event: { readonly data: Request }) => void;
};

const serve = serveBatches(
  (answer, transfer) => self.postMessage(answer, transfer),
  () => Promise.reject(new TypeError("a page has no files")),
);
self.onmessage = ({ data }) => void serve(data);
