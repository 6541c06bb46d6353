/** Reads an installed package as a stranger would: what do its files import that its package.json does not bring? */
import { readdir, readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";

const importOf = /(?:\bfrom|\bimport|\bimport\()\s*["']([^"'.\s][^"'\s]*)["']/g;

/** The packages that files of `directory` import and its manifest does not declare, each with the file. */
export async function undeclaredImports(directory: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
  const undeclared: string[] = [];
  for (const file of await readdir(directory, { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file) || file.includes("node_modules")) continue;
    for (const [, specifier = ""] of withoutComments(await readFile(join(directory, file), "utf8")).matchAll(
      importOf,
    )) {
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      if (!isBuiltin(specifier) && !declared.has(name)) undeclared.push(`${specifier} in ${file}`);
    }
  }
  return undeclared;
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
