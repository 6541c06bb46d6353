import type { Case } from "../case.ts";
import { gemms } from "./gemm.ts";
import { mnistMlpStep, mnistMlpStepNoZeros } from "./mnist-mlp-step.ts";
import { moonsStep } from "./moons-step.ts";

export const cases: readonly Case[] = [mnistMlpStep, mnistMlpStepNoZeros, moonsStep, ...gemms];
