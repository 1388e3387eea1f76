import { describe, expect, it } from "vitest";
import { toMathml } from "../../src/equations/print.ts";
import { dataBlock, html, type Markup, mathml, styleElement } from "../../src/studies/html.ts";
import { cells } from "../equations/cells.ts";

describe("html", () => {
  it("escapes every value, in text and in attributes", () => {
    const evil = `<img src=x onerror="alert(1)">' &`;
    expect(html`<p title="${evil}">${evil}</p>`.markup).not.toMatch(/<img|" onerror|'/);
    expect(html`${evil}`.markup).toBe("&#60;img src=x onerror=&#34;alert(1)&#34;&#62;&#39; &#38;");
  });

  it("inserts its own markup as it is, joins lists, leaves nothing for undefined and false", () => {
    expect(html`<ul>${[1, "<"].map((v) => html`<li>${v}</li>`)}${undefined}${false}</ul>`.markup).toBe(
      "<ul><li>1</li><li>&#60;</li></ul>",
    );
  });

  it("refuses an object that only looks like markup, as a file could hold", () => {
    const forged = JSON.parse('{"markup":"<script>alert(1)</script>"}') as Markup;
    expect(() => html`${forged}`).toThrow("only markup made by `html`");
    expect(() => html`${{ ...html`<b></b>` }}`).toThrow();
  });

  it("keeps data blocks and style sheets closed", () => {
    const json = JSON.stringify({ a: "</script><script>alert(1)//<!--" });
    const block = dataBlock("id", json).markup;
    expect(block.match(/<\/?script/g)).toHaveLength(2);
    expect(JSON.parse(/>(.*)</s.exec(block)![1]!)).toEqual(JSON.parse(json));
    expect(() => styleElement("</style>")).toThrow();
  });
});

describe("mathml", () => {
  it.each(cells.map((cell) => [cell.name, cell] as const))("takes what the printer makes of %s", (_title, cell) => {
    const printed = toMathml(cell);
    expect(printed).toContain("<mtd>");
    expect(mathml(printed)?.markup).toBe(printed);
  });

  it.each([
    "<math><mi>x</mi></math>",
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow><mi mathvariant="bold">J</mi><mo stretchy="false">(</mo><mspace width="0.2em"/></mrow></math>',
    '<math><semantics><mi>&#964;</mi><annotation encoding="application/x-tex">\\tau &lt; 1</annotation></semantics></math>',
  ])("takes %s", (text) => expect(mathml(text)?.markup).toBe(text));

  it.each([
    "",
    "x",
    "<math><mi>x</mi>",
    "<math><mi>x</mi></math><script>alert(1)</script>",
    "<script>alert(1)</script><math></math>",
    "<math><script>alert(1)</script></math>",
    '<math><mi onclick="alert(1)">x</mi></math>',
    '<math><mi href="javascript:alert(1)">x</mi></math>',
    '<math><mi style="background:url(//a.b)">x</mi></math>',
    "<math><mi mathvariant=bold>x</mi></math>",
    "<math><annotation-xml><b>x</b></annotation-xml></math>",
    "<math><mi>x</mo></math>",
    "<math><!-- --></math>",
    '<math><mi mathvariant="<b>">x</mi></math>',
    "<math><math></math></math>",
    "text <math></math>",
    "<math></math> text",
    "<svg><mi>x</mi></svg>",
  ])("refuses %s", (text) => expect(mathml(text)).toBeUndefined());
});
