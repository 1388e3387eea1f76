import { expect, test } from "vitest";
import { parseDuration, parseWindow } from "../../src/base/durations.ts";
import { NullclineError } from "../../src/base/errors.ts";

test("times as people type them", () => {
  expect(parseDuration("10ms")).toBe(10);
  expect(parseDuration("0.02s")).toBe(20);
  expect(parseDuration("0.02 s")).toBe(20);
  expect(parseDuration("-50ms")).toBe(-50);
  expect(parseDuration("−50ms")).toBe(-50);
  expect(parseDuration("250us")).toBe(0.25);
  expect(parseDuration("1e-3s")).toBeCloseTo(1, 12);
  expect(parseDuration(5)).toBe(5);
  expect(parseDuration("5")).toBe(5);
  expect(parseDuration("10ms", "s")).toBe(0.01);
  expect(parseDuration("3", "sample")).toBe(3);
  expect(parseDuration("3sample", "sample")).toBe(3);
});

test("what is no time is refused with the units there are", () => {
  for (const text of ["", "ms", "ten ms", "10 parsecs", "10ms s", "1e999s", Number.NaN])
    expect(() => parseDuration(text), String(text)).toThrow(NullclineError);
  expect(() => parseDuration("10ms", "sample")).toThrow(NullclineError);
  expect(() => parseDuration("10 parsecs")).toThrow("`10 parsecs` is no time; expected a number with a unit");
});

test("windows, closed and open", () => {
  expect(parseWindow("-50ms,0.35s")).toEqual([-50, 350]);
  expect(parseWindow(",350")).toEqual([Number.NEGATIVE_INFINITY, 350]);
  expect(parseWindow("0,")).toEqual([0, Number.POSITIVE_INFINITY]);
  for (const text of ["5", "1,2,3", "350ms,0ms"]) expect(() => parseWindow(text), text).toThrow(NullclineError);
});
