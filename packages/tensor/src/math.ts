/** Functions of one float64 number with the same bits on every machine, which `Math.exp` and its like do not promise. */

export { exp } from "./math/exp.ts";
export { log } from "./math/log.ts";
export { cos, sin } from "./math/sin-cos.ts";
export { tanh } from "./math/tanh.ts";
