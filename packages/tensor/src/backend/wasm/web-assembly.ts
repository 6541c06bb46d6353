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

/** The host's WebAssembly, undefined where there is none. */
export const webAssembly: WebAssemblyInterface | undefined = (
  globalThis as { readonly WebAssembly?: WebAssemblyInterface }
).WebAssembly;
