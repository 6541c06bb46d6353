/** A server of this machine for the program and its data, as pages that are isolated, or not, or under a policy. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Server {
  readonly origin: string;
  close(): void;
}

/**
 * Serves `files` by path; a page that loads `/program.js` at `/isolated` and at `/open`, and at the paths of `policies`, which
 * are isolated, each under its Content-Security-Policy.
 */
export async function serve(
  files: Readonly<Record<string, { readonly type: string; readonly body: string | Uint8Array }>>,
  policies: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const page = {
    type: "text/html",
    body: '<!doctype html><title>program</title><script type="module" src="/program.js"></script>',
  };
  const underPolicy = Object.fromEntries(Object.keys(policies).map((path) => [path, page]));
  const all: typeof files = { ...files, "/isolated": page, "/open": page, ...underPolicy };
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const file = all[path];
    if (file === undefined) return void response.writeHead(404).end();
    if (path !== "/open") {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const policy = policies[path];
    if (policy !== undefined) response.setHeader("Content-Security-Policy", policy);
    response.writeHead(200, { "Content-Type": file.type }).end(file.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
