import { test } from "vitest";

test.fails("a test that prints fails", () => {
  console.log("printed");
});
