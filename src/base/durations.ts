import { NullclineError } from "./errors.ts";

/** Length of each unit of time in ms. */
export const milliseconds: Record<string, number> = { us: 1e-3, µs: 1e-3, ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

/**
 * A time as people type it, `10ms`, `0.02 s`, `-50ms`, in `unit` (default ms). A bare number is in `unit` already.
 * @throws NullclineError (code `duration`) where the text is no time
 */
export function parseDuration(text: string | number, unit = "ms"): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-zµ]*)$/i.exec(String(text).trim().replace("−", "-"));
  const value = match ? Number(match[1]) : Number.NaN;
  const from = match?.[2] || unit;
  if (!Number.isFinite(value) || (from !== unit && !(from in milliseconds && unit in milliseconds)))
    throw new NullclineError({
      code: "duration",
      given: `\`${text}\` is no time`,
      expected: `a number with a unit (${Object.keys(milliseconds)
        .filter((u) => u !== "µs")
        .join(", ")}), e.g. \`10ms\` or \`0.02s\``,
    });
  return from === unit ? value : (value * milliseconds[from]!) / milliseconds[unit]!;
}

/**
 * A window of time `FROM,TO`, e.g. `-50ms,350ms`, both ends included. An end left empty is open (∓Infinity).
 * @throws NullclineError (code `duration`) where the text is no window, or where it ends before it begins
 */
export function parseWindow(text: string, unit = "ms"): [number, number] {
  const ends = text.split(",");
  const from = ends[0]?.trim() ? parseDuration(ends[0], unit) : Number.NEGATIVE_INFINITY;
  const to = ends[1]?.trim() ? parseDuration(ends[1], unit) : Number.POSITIVE_INFINITY;
  if (ends.length !== 2 || from > to)
    throw new NullclineError({
      code: "duration",
      given: `\`${text}\` is no window of time`,
      expected: "FROM,TO with FROM before TO, e.g. `-50ms,350ms`",
    });
  return [from, to];
}
