/** Numbers as the report prints them. */

/** With so many decimals, a true minus, and no sign where all digits are zero. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return text.replace("-", /[1-9]/.test(text) ? "−" : "");
}

/** `−50 to 350 ms`. */
export const stretch = (from: number, to: number, unit: string): string =>
  `${from} to ${to} ${unit}`.replace(/-/g, "−");
