/** Options that several commands read. */
import type { Command } from "commander";
import { NullclineError } from "../base/errors.ts";
import { useBlas } from "../host/blas.ts";

/** Collects an option that may be repeated. */
export const repeated = (value: string, all: string[]): string[] => [...all, value];

/** @throws NullclineError where the text is no whole number from 0 on. */
export function seedOf(text: string, name = "--seed"): number {
  const n = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(n) || n < 0)
    throw new NullclineError({ code: "option", given: `${name} ${text}`, expected: "a whole number from 0 on" });
  return n;
}

/** `key=value` pairs. @throws NullclineError where one has no `=`. */
export function settings(pairs: readonly string[], option = "--set"): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new NullclineError({ code: "option", given: `${option} ${pair}`, expected: "key=value" });
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

/** One number, or several with commas. @throws NullclineError where one of them is none. */
export function numbersOf(text: string, what: string): number[] {
  return text.split(",").map((word) => {
    const n = Number(word);
    if (word.trim() === "" || !Number.isFinite(n))
      throw new NullclineError({
        code: "option",
        given: `${what}: \`${word.trim()}\` in \`${text}\``,
        expected: "numbers, separated by commas",
      });
    return n;
  });
}

/** `name=1,2,3` pairs, as of `--initial` and `--input`. */
export function vectors(pairs: readonly string[], option: string): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(settings(pairs, option)).map(([name, text]) => [name, numbersOf(text, `${option} ${name}`)]),
  );
}

/** Of every command that computes. What it says is done before the command's action. */
export const blasOption = (command: Command): Command =>
  command.option(
    "--blas <which>",
    "library for matrices from 256 on: auto (default) takes an installed OpenBLAS, off none, or the path of one",
  );

/** Does what the option says, for a command that has it. @throws as `useBlas`. */
export function applyBlas(command: Command): void {
  if (command.options.some(({ long }) => long === "--blas")) useBlas(command.opts<{ blas?: string }>().blas ?? "auto");
}

/** Flags of every command that writes a run folder. */
export interface RunFolderFlags {
  seed: string;
  out?: string;
  workers?: string;
  json?: boolean;
  quiet?: boolean;
}

export const runFolderOptions = (command: Command): Command =>
  blasOption(command)
    .option("--seed <n>", "seed of everything random", "1")
    .option("--out <dir>", "folder to make; default: the next free under runs/")
    .option("--workers <n>", "threads; the result does not depend on it")
    .option("--json", "prints the result as JSON")
    .option("--quiet", "prints nothing but the path of the report");

/** Flags that were given, as settings of a study; each is read as the kind its default has. */
export const studySettings = (flags: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(flags).filter((entry): entry is [string, string] => entry[1] !== undefined));
