/** Functions and the module around them, from typed statements to the bytes of a `.wasm` file. */

import { name, section, unsigned, vector } from "./encoding.ts";
import { code, type Expression, type I32, type Statement, type ValueType } from "./expression.ts";
import { i32 } from "./scalar.ts";

const typeCode: { readonly [T in ValueType]: number } = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** A local variable or parameter. */
export interface Local<T extends ValueType> {
  readonly type: T;
  readonly get: Expression<T>;
  set(value: Expression<T>): Statement;
}

/** Something that can be called: no results, parameters of type i32. */
export interface FunctionReference {
  readonly index: number;
  readonly parameterCount: number;
}

/** Collects the locals and statements of one function. */
export class FunctionBuilder {
  readonly #parameterCount: number;
  readonly #locals: ValueType[] = [];
  readonly #body: number[] = [];

  constructor(parameterCount: number) {
    this.#parameterCount = parameterCount;
  }

  /** The parameter at `index`; all parameters are i32. */
  parameter(index: number): Local<"i32"> {
    return localAt("i32", index);
  }

  /** A new local, zero at the start. */
  local<T extends ValueType>(type: T): Local<T> {
    this.#locals.push(type);
    return localAt(type, this.#parameterCount + this.#locals.length - 1);
  }

  /** A new local set to `value`. */
  let<T extends ValueType>(value: Expression<T>): Local<T> {
    const local = this.local(value.type);
    this.add(local.set(value));
    return local;
  }

  add(...statements: readonly Statement[]): void {
    for (const statement of statements) this.#body.push(...statement.bytes);
  }

  /** Runs `body` while `condition` holds, testing before each turn. */
  while(condition: I32, body: () => void): void {
    this.#open(0x02);
    this.#open(0x03);
    this.add({ bytes: [...i32.eqz(condition).bytes, 0x0d, 1] });
    body();
    this.add({ bytes: [0x0c, 0] });
    this.#close();
    this.#close();
  }

  /** Runs `body`, then again while `condition` holds. */
  doWhile(condition: I32, body: () => void): void {
    this.#open(0x03);
    body();
    this.add({ bytes: [...condition.bytes, 0x0d, 0] });
    this.#close();
  }

  /** `body` once for each value of `counter` from its present one in steps of `step` while below `end`. */
  for(counter: Local<"i32">, end: I32, step: number, body: () => void): void {
    this.while(i32.ltU(counter.get, end), () => {
      body();
      this.add(counter.set(i32.add(counter.get, i32.const(step))));
    });
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.add({ bytes: condition.bytes });
    this.#open(0x04);
    then();
    if (otherwise !== undefined) {
      this.add({ bytes: [0x05] });
      otherwise();
    }
    this.#close();
  }

  call(target: FunctionReference, ...args: readonly I32[]): void {
    this.add({ bytes: [...args.flatMap((argument) => argument.bytes), 0x10, ...unsigned(target.index)] });
  }

  return(): void {
    this.add({ bytes: [0x0f] });
  }

  #open(opcode: number): void {
    this.add({ bytes: [opcode, 0x40] });
  }

  #close(): void {
    this.add({ bytes: [0x0b] });
  }

  /** The function's entry of the code section. */
  encode(): number[] {
    const locals = vector(this.#locals.map((type) => [1, typeCode[type]]));
    const content = [...locals, ...this.#body, 0x0b];
    return [...unsigned(content.length), ...content];
  }
}

function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    type,
    get: code(type, [], 0x20, ...unsigned(index)),
    set: (value) => ({ bytes: [...value.bytes, 0x21, ...unsigned(index)] }),
  };
}

/** The memory that a module imports as `engine.memory`, in pages of 64 KiB. */
export interface MemoryImport {
  readonly minimumPages: number;
  readonly maximumPages: number;
  readonly shared: boolean;
}

interface ImportedFunction {
  readonly name: string;
  readonly parameterCount: number;
}

/** Collects functions over one imported memory and encodes the module. */
export class ModuleBuilder {
  readonly #memory: MemoryImport;
  readonly #imports: ImportedFunction[] = [];
  readonly #functions: {
    readonly exportName: string | undefined;
    readonly parameterCount: number;
    readonly builder: FunctionBuilder;
  }[] = [];

  constructor(memory: MemoryImport) {
    this.#memory = memory;
  }

  /** A host function `engine.<name>`. All imports come before the first `define`. */
  import(importName: string, parameterCount: number): FunctionReference {
    this.#imports.push({ name: importName, parameterCount });
    return { index: this.#imports.length - 1, parameterCount };
  }

  /** A function of i32 parameters without a result; exported where it has a name. */
  define(parameterCount: number, body: (f: FunctionBuilder) => void, exportName?: string): FunctionReference {
    const builder = new FunctionBuilder(parameterCount);
    this.#functions.push({ exportName, parameterCount, builder });
    const reference = { index: this.#imports.length + this.#functions.length - 1, parameterCount };
    body(builder);
    return reference;
  }

  /** The bytes of the module. */
  encode(): Uint8Array<ArrayBuffer> {
    const counts = [...this.#imports, ...this.#functions].map((each) => each.parameterCount);
    const signatures = [...new Set(counts)].sort((a, b) => a - b);
    const typeOf = (parameterCount: number): number[] => unsigned(signatures.indexOf(parameterCount));
    const { minimumPages, maximumPages, shared } = this.#memory;
    const memory = [
      ...name("engine"),
      ...name("memory"),
      0x02,
      shared ? 0x03 : 0x01,
      ...unsigned(minimumPages),
      ...unsigned(maximumPages),
    ];
    const imports = this.#imports.map((each) => [
      ...name("engine"),
      ...name(each.name),
      0x00,
      ...typeOf(each.parameterCount),
    ]);
    const exported = this.#functions.flatMap((each, i) =>
      each.exportName === undefined ? [] : [[...name(each.exportName), 0x00, ...unsigned(this.#imports.length + i)]],
    );
    return new Uint8Array([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(
        1,
        vector(signatures.map((count) => [0x60, ...vector(Array.from({ length: count }, () => [typeCode.i32])), 0x00])),
      ),
      ...section(2, vector([memory, ...imports])),
      ...section(3, vector(this.#functions.map((each) => typeOf(each.parameterCount)))),
      ...section(7, vector(exported)),
      ...section(10, vector(this.#functions.map((each) => each.builder.encode()))),
    ]);
  }
}
