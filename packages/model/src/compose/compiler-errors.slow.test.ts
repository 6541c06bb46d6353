/** What the compiler itself prints for models that do not fit, and how much work a deep model is to it. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "nn-model-types-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const packageFolder = new URL("../..", import.meta.url).pathname;
const typescript = createRequire(import.meta.url).resolve("typescript/package.json");

/** Runs the compiler over a program that imports the package's public names. Returns all that it prints. */
function compile(body: string, ...flags: string[]): string {
  const names = "dense, dropout, flatten, relu, rescaling, sequential, softmax";
  writeFileSync(
    join(folder, "program.mts"),
    `import { ${names} } from "${packageFolder}src/index.ts";\n${body}\nvoid [${names}];\n`,
  );
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: `${packageFolder}tsconfig.json`,
      compilerOptions: {
        typeRoots: [`${packageFolder}../../node_modules/@types`],
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
      },
      include: ["program.mts"],
    }),
  );
  const compiler = join(typescript, "../bin/tsc");
  try {
    return execFileSync(process.execPath, [compiler, "-p", folder, "--pretty", "false", ...flags], {
      encoding: "utf8",
    });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

test("a mismatch is one error, at the argument that does not fit, with the text of the run-time error", () => {
  const output = compile(`sequential(
  [28, 28, 1],
  rescaling(1),
  dense(10),
  relu(),
);`);
  const errors = output.match(/program\.mts\(\d+,\d+\): error/g);
  expect(errors).toEqual(["program.mts(5,3): error"]);
  expect(output).toContain(
    "sequential: layer 2, dense(10): received an input of shape [28, 28, 1]; expected shape [features]. Add flatten() before it.",
  );
});

test("a model of 32 layers is little work for the compiler", () => {
  const instantiations = (program: string): number => {
    const output = compile(program, "--extendedDiagnostics");
    expect(output).not.toContain("error");
    return Number(output.match(/Instantiations:\s+(\d+)/)?.[1]);
  };
  const layers = Array.from({ length: 10 }, (_, i) => `dense(${512 - i}), relu(), dropout(0.5)`).join(", ");
  const deep = `sequential([28, 28, 1], rescaling(1), flatten(), ${layers}).outputShape satisfies readonly [503];`;
  expect(instantiations(deep) - instantiations("")).toBeLessThan(20_000);
});
