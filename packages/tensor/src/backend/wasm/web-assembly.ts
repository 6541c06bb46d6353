/** The parts of the WebAssembly interface that the engine uses; the language's own library declares none of them. */

export interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

export type Exports = Readonly<Record<string, (...args: number[]) => void>>;

interface WebAssemblyInterface {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}

/** The host's WebAssembly, undefined where there is none. By way of `unknown`: the DOM's types, where loaded, differ. */
export const webAssembly: WebAssemblyInterface | undefined = (
  globalThis as unknown as { readonly WebAssembly?: WebAssemblyInterface }
).WebAssembly;

/** A module with one function that uses a vector. */
const vectorProbe: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
]);

/** Whether the host runs WebAssembly with 128-bit vectors. */
export function isSupported(): boolean {
  return webAssembly?.validate(vectorProbe) ?? false;
}
