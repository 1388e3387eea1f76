/** HTML that cannot be injected into: a template whose values are escaped unless they are markup made by this project. */
import { escapeText } from "../figures/text.ts";

/** Markup that is inserted as it is. Only `html` and the functions of this file make it. */
export interface Markup {
  readonly markup: string;
}

export type Insertable = Markup | string | number | undefined | false | readonly Insertable[];

const made = new WeakSet<object>();

/** `html\`<p>${text}</p>\``: every value is escaped, for text and for quoted attributes; lists are joined. */
export function html(parts: TemplateStringsArray, ...values: Insertable[]): Markup {
  return trusted(parts.map((part, i) => part + (i < values.length ? insert(values[i]!) : "")).join(""));
}

/** An SVG that `src/figures` drew. */
export function drawnSvg(svg: string): Markup {
  return trusted(svg);
}

/** Style that this project wrote. */
export function styleElement(css: string): Markup {
  if (css.includes("</")) throw new Error("a style sheet cannot contain </");
  return trusted(`<style>${css}</style>`);
}

/** Data for programs: a block that no browser executes. `json` must be JSON. */
export function dataBlock(id: string, json: string): Markup {
  return trusted(`<script type="application/json" id="${escapeText(id)}">${json.replace(/</g, "\\u003c")}</script>`);
}

const MATHML = new Set(
  (
    "math mrow mi mn mo mtext ms mspace mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder mover munderover " +
    "mmultiscripts mprescripts mtable mtr mtd semantics annotation"
  ).split(" "),
);
const MATHML_ATTRIBUTE =
  /^\s+(?:xmlns="http:\/\/www\.w3\.org\/1998\/Math\/MathML"|(?:display|displaystyle|mathvariant|stretchy|fence|separator|accent|accentunder|form|lspace|rspace|width|height|depth|columnalign|rowspacing|columnspacing|columnspan|rowspan|scriptlevel|linethickness|movablelimits|largeop|symmetric|minsize|maxsize|encoding|intent|arg)="[^"<>&:;()]*")/;

/** MathML, if it holds nothing but formulas: elements and attributes of presentation MathML, balanced. Else undefined. */
export function mathml(text: string): Markup | undefined {
  const open: string[] = [];
  let at = 0;
  for (const match of text.matchAll(/<[^<>]*>/g)) {
    if (/[<>]/.test(text.slice(at, match.index))) return undefined;
    if (open.length === 0 && text.slice(at, match.index).trim() !== "") return undefined;
    at = match.index + match[0].length;
    const tag = /^<(\/?)([a-z]+)(.*?)(\/?)>$/s.exec(match[0]);
    if (!tag || !MATHML.has(tag[2]!) || (open.length === 0) !== (tag[2] === "math" && !tag[1])) return undefined;
    if (tag[1]) {
      if (open.pop() !== tag[2] || tag[3] !== "") return undefined;
      continue;
    }
    let attributes = tag[3]!;
    for (let known = MATHML_ATTRIBUTE.exec(attributes); known; known = MATHML_ATTRIBUTE.exec(attributes))
      attributes = attributes.slice(known[0].length);
    if (attributes.trim() !== "") return undefined;
    if (!tag[4]) open.push(tag[2]!);
  }
  const whole = open.length === 0 && at > 0 && text.slice(at).trim() === "";
  return whole ? trusted(text.trim()) : undefined;
}

function insert(value: Insertable): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.map(insert).join("");
  // An object of a file that looks like markup is not in this set.
  if (!made.has(value)) throw new Error("only markup made by `html` can be inserted");
  return (value as Markup).markup;
}

function trusted(markup: string): Markup {
  const result = Object.freeze({ markup });
  made.add(result);
  return result;
}
