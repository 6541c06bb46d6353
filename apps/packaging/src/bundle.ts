/** Bundles a program of a project for browsers, and tells what it asked for that browsers lack. */
import { builtinModules } from "node:module";
import { join } from "node:path";
import { build, type Plugin } from "vite";

export interface Bundle {
  readonly code: string;
  /** Node's modules and native packages that anything in the bundle imports: there should be none. */
  readonly nodeOnly: readonly string[];
}

export async function bundleForBrowser(directory: string, program: string): Promise<Bundle> {
  const nodeOnly: string[] = [];
  const watch: Plugin = {
    name: "watch-imports",
    enforce: "pre",
    resolveId(source, importer) {
      if (source.startsWith("node:") || builtinModules.includes(source) || source === "sharp") {
        nodeOnly.push(`${source} from ${importer}`);
      }
    },
  };
  const result = await build({
    root: directory,
    configFile: false,
    logLevel: "silent",
    plugins: [watch],
    build: {
      write: false,
      target: "es2022",
      lib: { entry: join(directory, program), formats: ["es"], fileName: "bundle" },
    },
  });
  const outputs = Array.isArray(result)
    ? result.flatMap(({ output }) => output)
    : "output" in result
      ? result.output
      : [];
  const chunks = outputs.filter((output) => output.type === "chunk");
  if (chunks.length !== 1 || chunks[0] === undefined) throw new Error(`expected one chunk, got ${chunks.length}`);
  return { code: chunks[0].code, nodeOnly };
}
