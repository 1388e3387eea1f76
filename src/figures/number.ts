/** Numbers as figures and tables print them, and where ticks stand. */

const MINUS = "\u2212";

/** A number for people: about `digits` significant digits, a true minus, powers of ten where it is very large or small. */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return group(String(value));
  if (size >= 1e5 || size < 1e-3) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
    const short = mantissa.replace(/\.?0+$/, "");
    const power = `10${superscript(Number(exponent))}`;
    return short === "1" ? power : short === "-1" ? MINUS + power : `${short.replace("-", MINUS)}\u202f×\u202f${power}`;
  }
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return group(
    value
      .toFixed(decimals)
      .replace(/(\.\d*?)0+$/, "$1")
      .replace(/\.$/, ""),
  );
}

/** A value with its standard error, both to the error's first two digits: `0.824 ± 0.008`. */
export function formatWithError(value: number, error: number): string {
  if (!(error > 0) || !Number.isFinite(value)) return formatNumber(value);
  const decimals = Math.min(Math.max(0, 1 - Math.floor(Math.log10(error))), 8);
  const size = Math.abs(value);
  if (size >= 1e5 || (size < 1e-3 && error < 1e-4)) return `${formatNumber(value)} ± ${formatNumber(error, 2)}`;
  return `${minus(value.toFixed(decimals))} ± ${error.toFixed(decimals)}`;
}

/** The values as numbers, missing ones as NaN. */
export function numbers(values: ArrayLike<number | null>): number[] {
  return Array.from(values, (v) => v ?? Number.NaN);
}

/** Round values 1, 2, 5 × 10ⁿ within the range, about `count` of them. */
export function linearTicks([from, to]: readonly [number, number], count: number): number[] {
  const step = tickStep((to - from) / Math.max(count, 1));
  const ticks: number[] = [];
  // Indices, not sums: 3 * 0.1 is drawn as 0.3 whatever its last bit.
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // A range too narrow for its distance from zero has no ticks that differ.
  if (!(last - first <= 10 * count + 10 && Math.abs(first) + Math.abs(last) < 2 ** 50)) return [];
  for (let i = first; i <= last; i++) ticks.push((step < 1 ? i / Math.round(1 / step) : i * step) + 0);
  return ticks;
}

/** Powers of ten within the range, every second or third where there are many; with 2 and 5 between where they are few. */
export function logTicks([from, to]: readonly [number, number], count: number): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(count, 2)));
  const ticks: number[] = [];
  const between = last - first < 2 ? [1, 2, 5] : [1];
  for (let e = first - 1; e <= last; e += 1)
    if ((e - first) % every === 0 || between.length > 1)
      for (const m of between) {
        const tick = Number(`${m}e${e}`);
        if (tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9)) ticks.push(tick);
      }
  return ticks;
}

/** One number format for all ticks of an axis: as many decimals as the finest needs. */
export function tickFormat(ticks: readonly number[], scale: "linear" | "log"): (value: number) => string {
  if (scale === "log") return (v) => (v >= 1e-3 && v < 1e5 ? group(String(Number(v.toPrecision(6)))) : formatNumber(v));
  const size = Math.max(...ticks.map(Math.abs), 0);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return (v) => formatNumber(v);
  const decimals = Math.max(0, ...ticks.map(decimalsOf));
  return (v) => group(v.toFixed(decimals));
}

function decimalsOf(value: number): number {
  for (let d = 0; d < 8; d++)
    if (Math.abs(value - Number(value.toFixed(d))) < 1e-9 * Math.max(1, Math.abs(value))) return d;
  return 8;
}

function tickStep(rough: number): number {
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead > 7.07 ? 10 : lead > 3.16 ? 5 : lead > 1.41 ? 2 : 1) * power;
}

/** Thousands apart by a narrow space from 10 000 on. */
function group(text: string): string {
  const [whole, rest] = text.split(".") as [string, string?];
  const digits = whole.replace("-", "");
  const grouped = digits.length > 4 ? digits.replace(/\B(?=(\d{3})+$)/g, "\u202f") : digits;
  return (whole.startsWith("-") ? MINUS : "") + grouped + (rest === undefined ? "" : `.${rest}`);
}

function minus(text: string): string {
  return /[1-9]/.test(text) ? text.replace("-", MINUS) : text.replace("-", "");
}

function superscript(exponent: number): string {
  return String(exponent).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]!));
}
