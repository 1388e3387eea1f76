/** The repository's own files, and what its documents hold. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/** The code blocks of a Markdown file in one language, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...blocks].filter((block) => block[1] === language).map((block) => block[2]!);
}
