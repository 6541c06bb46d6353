/** Configurations: what a layer, loss or initialiser was made with, as JSON. */

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The arguments of a factory by name, defaults filled in. */
export type Config = { readonly [name: string]: Json };

/** A layer or an initialiser as JSON: the factory and its arguments. */
export type KindConfig = { readonly kind: string; readonly config: Config };

/** Of a layer or an initialiser, as JSON. */
export function configOf({ kind, config }: KindConfig): KindConfig {
  return { kind, config };
}
