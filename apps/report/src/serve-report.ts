// A static server for one folder, on this machine only.
import { preview } from "vite";

/** Serves `folder`; the next free port is taken when `port` is in use. `close` ends it. */
export async function serveReport(
  folder: string,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = await preview({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: { outDir: "." },
    preview: { host: "127.0.0.1", port, open: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("serve: the server has no address");
  return { url, close: () => server.close() };
}
