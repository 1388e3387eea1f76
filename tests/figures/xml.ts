/** A strict reader of XML for the tests: throws where a drawing is not well-formed. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: (Element | string)[];
}

const TAG = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;

export function parseXml(text: string): Element {
  const root: Element = { name: "", attributes: {}, children: [] };
  const open = [root];
  let at = 0;
  while (at < text.length) {
    if (text[at] !== "<") {
      const end = text.indexOf("<", at) < 0 ? text.length : text.indexOf("<", at);
      open.at(-1)!.children.push(decode(text.slice(at, end)));
      at = end;
      continue;
    }
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (!tag) throw new Error(`not a tag: ${text.slice(at, at + 80)}`);
    at += tag[0].length;
    if (tag[1]) {
      const closed = open.pop()!;
      if (closed.name !== tag[2]) throw new Error(`</${tag[2]}> closes <${closed.name}>`);
      continue;
    }
    const element: Element = { name: tag[2]!, attributes: {}, children: [] };
    for (const [, name, value] of tag[3]!.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      if (name! in element.attributes) throw new Error(`attribute ${name} twice`);
      element.attributes[name!] = decode(value!);
    }
    open.at(-1)!.children.push(element);
    if (!tag[4]) open.push(element);
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error("not one closed element");
  return root.children[0] as Element;
}

export function all(element: Element, name?: string): Element[] {
  const children = element.children.filter((child) => typeof child !== "string");
  return [...(!name || element.name === name ? [element] : []), ...children.flatMap((child) => all(child, name))];
}

export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}

function decode(text: string): string {
  const bare = text.replace(/&(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|apos);/gi, "");
  if (/[&>]/.test(bare.replace(/>/g, ""))) throw new Error(`bare & in ${text}`);
  const names: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(#\d+|\w+);/g, (_, e: string) =>
    e[0] === "#" ? String.fromCodePoint(Number(e.slice(1))) : names[e]!,
  );
}
