import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serveReport } from "./serve-report.ts";

let folder = "";
let server: Awaited<ReturnType<typeof serveReport>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "nn-serve-"));
  mkdirSync(join(folder, "dist"));
  for (const name of ["secret", "dist/.env", "dist/index.html.1.tmp", "dist/other.html"])
    writeFileSync(join(folder, name), "secret");
  symlinkSync(join(folder, "secret"), join(folder, "dist", "link.html"));
  writeFileSync(join(folder, "dist", "index.html"), '<p>ñ</p><script type="module">1</script>');
  server = await serveReport(join(folder, "dist", "index.html"), 0);
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Not `fetch`, which tidies paths and sets the host itself. */
function ask(path: string, { method = "GET", host = "localhost" } = {}): Promise<Answer> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method, headers: { host } }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on("error", reject)
      .end();
  });
}

test.each(["/", "/index.html", "/?a=1", "/index.html?x"])("%s is the page, with a policy", async (path) => {
  const { status, headers, body } = await ask(path);
  expect({ status, body }).toEqual({ status: 200, body: '<p>ñ</p><script type="module">1</script>' });
  expect(headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringMatching(
      /^default-src 'none'; script-src 'sha256-[^']+'; .*base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    ),
  });
});

test("HEAD has the headers only", async () => {
  const { status, headers, body } = await ask("/", { method: "HEAD" });
  expect({ status, body }).toEqual({ status: 200, body: "" });
  expect(headers["content-length"]).toBe("41");
});

test.each([
  ...["/.env", "/index.html.1.tmp", "/other.html", "/link.html", "/../secret", "/%2e%2e/secret", "/..%2fsecret"],
  ...["//", "/index.html/", "/INDEX.HTML", "/./", "/%00", "/dist/", "/@fs/etc/passwd", "/@vite/client"],
])("%s is not there", async (path) => {
  const { status, headers, body } = await ask(path);
  expect({ status, body }).toEqual({ status: 404, body: "" });
  expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "content-security-policy": expect.anything() });
});

test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is refused", async (method) => {
  expect(await ask("/", { method })).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" }, body: "" });
});

test.each(["evil.example", "localhost.evil.example", "localhost:80.evil.example"])(
  "as %j it is refused",
  async (host) => {
    expect((await ask("/", { host })).status).toBe(403);
  },
);

test("a page that is built again is served again; one that becomes a link or goes is not there", async () => {
  const page = join(folder, "dist", "index.html");
  writeFileSync(page, "new");
  expect((await ask("/")).body).toBe("new");
  rmSync(page);
  expect((await ask("/")).status).toBe(404);
  symlinkSync(join(folder, "secret"), page);
  expect(await ask("/")).toMatchObject({ status: 404, body: "" });
});

test("the next port is taken when one is in use", async () => {
  const port = Number(new URL(server.url).port);
  const second = await serveReport(join(folder, "dist", "index.html"), port);
  expect(Number(new URL(second.url).port)).toBeGreaterThan(port);
  await second.close();
});
