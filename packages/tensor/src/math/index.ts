/**
 * Elementary functions of one number that give the same bits on every engine: those that the operations are built on,
 * for code that prepares data. `@nn/tensor/math`.
 */

export { exp } from "./exp.ts";
export { log } from "./log.ts";
export { cos, sin } from "./sin-cos.ts";
export { tanh } from "./tanh.ts";
