/** Every backend: each passes the table of operations and the table of the contract. */

import { type Backend, reference, wasm } from "../src/index.ts";

export const backends: readonly Backend[] = [reference, wasm()];
