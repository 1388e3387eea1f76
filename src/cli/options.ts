/** Options that several commands read. */
import { NullclineError } from "../base/errors.ts";

/** @throws NullclineError where the text is no whole number from 0 on. */
export function seedOf(text: string, name = "--seed"): number {
  const n = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(n) || n < 0) throw new NullclineError({ code: "option", given: `${name} ${text}`, expected: "a whole number from 0 on" });
  return n;
}

/** `key=value` pairs. @throws NullclineError where one has no `=`. */
export function settings(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new NullclineError({ code: "option", given: `--set ${pair}`, expected: "key=value" });
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}
