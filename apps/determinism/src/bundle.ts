/** One file of JavaScript from the sources of the packages, which any Node and any browser runs. */

import { join } from "node:path";
import { build } from "vite";

export async function bundle(entry: string): Promise<string> {
  const result = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@nn/source"] },
    build: {
      write: false,
      target: "es2023",
      minify: false,
      lib: { entry: join(import.meta.dirname, entry), formats: ["es"], fileName: "program" },
    },
  });
  const outputs = Array.isArray(result)
    ? result.flatMap(({ output }) => output)
    : "output" in result
      ? result.output
      : [];
  const [chunk, ...others] = outputs.filter((output) => output.type === "chunk");
  if (chunk === undefined || others.length > 0)
    throw new Error(`expected one chunk, got ${others.length + (chunk ? 1 : 0)}`);
  return chunk.code;
}
