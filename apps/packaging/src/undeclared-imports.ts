/** Reads an installed package as a stranger would: what do its files import that its package.json does not bring? */
import { readdir, readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { parseSync } from "vite";

/** The packages that files of `directory` import and its manifest does not declare, each with the file. */
export async function undeclaredImports(directory: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
  const undeclared: string[] = [];
  for (const file of await readdir(join(directory, "dist"), { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    for (const specifier of importsOf(file, await readFile(join(directory, "dist", file), "utf8"))) {
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      const isRelative = specifier.startsWith(".");
      if (!isRelative && !isBuiltin(specifier) && !declared.has(name)) undeclared.push(`${specifier} in ${file}`);
    }
  }
  return undeclared;
}

function importsOf(file: string, code: string): string[] {
  const { module } = parseSync(file, code);
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value ?? ".")),
    // Of a call of import() only the place is told; its quotes are cut off.
    ...module.dynamicImports.map(({ moduleRequest }) => code.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
  ];
}
