// A server for one page, on this machine only: nothing beside that file can be asked for, whatever its folder holds.
import { once } from "node:events";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { contentSecurityPolicy } from "./content-security-policy.ts";

/**
 * Serves the file `page` at `/` and `/index.html`; the next free port is taken when `port` is in use, any with 0. The file is
 * read for each request, so that a page that was built again shows when the browser reloads. `close` ends it.
 */
export async function serveReport(
  page: string,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    respond(page, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500, HEADERS);
      response.end();
    });
  });
  const taken = await listen(server, port);
  return {
    url: `http://127.0.0.1:${taken}/`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  for (let candidate = port; ; candidate++) {
    try {
      server.listen(candidate, "127.0.0.1");
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || candidate >= 65_535) throw error;
    }
  }
}

const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-cache",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
};

async function respond(page: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (status: number, headers: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(status, { ...HEADERS, ...headers }).end();
  };
  // Another site can give its name this machine's address; its pages must not read this one.
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(request.headers.host ?? "")) return refuse(403);
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, { Allow: "GET, HEAD" });
  const [path] = (request.url ?? "").split("?", 1);
  if (path !== "/" && path !== "/index.html") return refuse(404);
  const html = await readPage(page);
  if (html === undefined) return refuse(404);
  const bytes = Buffer.from(html);
  response.writeHead(200, {
    ...HEADERS,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": bytes.byteLength,
    "Content-Security-Policy": `${contentSecurityPolicy(html)}; frame-ancestors 'none'`,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** Undefined where the path is a link, no file, or nothing. */
async function readPage(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      return (await file.stat()).isFile() ? await file.readFile("utf8") : undefined;
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ELOOP" || code === "ENXIO" || code === "EISDIR") return undefined;
    throw error;
  }
}
