/** Sizes of text, its width before any browser has set it, and escaping. */

/** Sizes of text in figures, in pixels. */
export const SIZE = { title: 13, label: 12, tick: 11, note: 10.5 };

/** About how wide a text is in a system sans serif, in pixels. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const c of text)
    width += /[ilj.,:;'|!()[\]\u202f]/.test(c)
      ? 0.31
      : /[mwMW@%–→]/.test(c)
        ? 0.88
        : /[A-Z0-9−±×=+]/.test(c)
          ? 0.64
          : 0.55;
  return width * size;
}

/** Breaks a text between words into lines that fit; a single word is never broken. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** For text and attribute values of HTML and XML alike; characters that XML forbids are left out. */
export function escapeText(text: string): string {
  return allowedText(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Without control characters and halves of surrogate pairs. */
export function allowedText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "");
}
