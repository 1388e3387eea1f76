import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, it } from "vitest";
import { type Block, type Check, type Report, renderReport } from "../../src/studies/report.ts";
import { reportStyle } from "../../src/studies/style.ts";
import { exampleReport } from "./exampleReport.ts";

let page: string;
let document: Document;
beforeAll(async () => {
  page = await renderReport(exampleReport);
  document = parseHTML(page).document as unknown as Document;
});

const blocksOf = (report: Report, kind: Block["kind"]) =>
  report.sections.flatMap((section) => section.blocks.filter((block) => block.kind === kind));

/** The report with every text in it replaced, `kind`s and other words of the format aside. */
function poison(value: unknown, text: string, key = ""): unknown {
  if (typeof value === "string")
    return /^(kind|verdict|color|shape|dash|scale|axis|share|anchor)$/.test(key) && value.length < 12 ? value : text;
  if (Array.isArray(value)) return value.map((item) => poison(item, text, key));
  if (ArrayBuffer.isView(value)) return value;
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k === "more" ? k : k, poison(v, text, k)]));
  return value;
}

describe("the file", () => {
  it("is the same bytes again", async () => expect((await renderReport(exampleReport)) === page).toBe(true));

  it("makes no request: policy, and no address anywhere", () => {
    const policy = document.querySelector("meta[http-equiv='Content-Security-Policy']")!.getAttribute("content");
    expect(policy).toBe("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    for (const element of document.querySelectorAll("*"))
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^(on|srcset|action|formaction|ping|background)/);
        if (/^(href|src|xlink:href|data)$/.test(name))
          expect(value.slice(0, 22)).toMatch(/^(#|data:,$|data:image\/png;base64,)/);
      }
    const addresses = page.match(/(https?:)?\/\/[a-z][\w.-]+\.[a-z]{2,}[^"'<\s]*/g) ?? [];
    expect(new Set(addresses.filter((a) => a.includes(":")))).toEqual(new Set(["http://www.w3.org/2000/svg"]));
    for (const style of document.querySelectorAll("style"))
      expect(style.textContent).not.toMatch(/@import|url\(|@font-face/);
    for (const script of document.querySelectorAll("script"))
      expect(script.getAttribute("type")).toBe("application/json");
  });

  it("has one of each id, and every link and clip path leads to one", () => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...document.querySelectorAll("nav a")].map((a) => a.getAttribute("href")!.slice(1));
    expect(links.length).toBe(exampleReport.sections.length + 2);
    for (const id of [...links, ...[...page.matchAll(/url\(#([^)]+)\)/g)].map((m) => m[1]!)]) expect(ids).toContain(id);
  });
});

describe("the table of paper and run", () => {
  const rows = () =>
    [...document.querySelectorAll("table.checks tbody tr")].map((tr) => tr.textContent!.replace(/\s+/g, " "));

  it("has each check with value, standard error, source and a verdict in words", () => {
    expect(rows()).toHaveLength(exampleReport.checks.length);
    exampleReport.checks.forEach((check, i) => {
      expect(rows()[i]).toContain(check.what);
      expect(rows()[i]).toContain({ pass: "✓ holds", fail: "✗ fails", shown: "· shown" }[check.verdict]);
      if (check.source) expect(rows()[i]).toContain(check.source);
      if (check.ours) expect(rows()[i]).toContain("our criterion");
    });
    expect(rows()[0]).toContain("0.8243 ± 0.0038");
  });

  it.each<[Check["verdict"][], string]>([
    [["pass", "pass", "shown"], "✓ 2 of 2 checks hold"],
    [["pass", "fail"], "✗ 1 of 2 checks hold"],
  ])("counts %j: shown values count for nothing", async (verdicts, text) => {
    const checks = verdicts.map((verdict, i): Check => ({ id: `${i}`, what: "w", measured: 1, verdict }));
    const other = parseHTML(await renderReport({ ...exampleReport, sections: [], checks })).document;
    expect(other.querySelector(".tally")!.textContent).toBe(text);
  });

  it("is left out with its count where nothing is checked", async () => {
    const other = parseHTML(await renderReport({ ...exampleReport, sections: [], checks: [] })).document;
    expect(other.querySelector(".tally, .checks, [href='#checks']")).toBeNull();
  });
});

describe("blocks", () => {
  it("figures have a sentence for screen readers, a caption, a table, and all numbers as JSON", () => {
    const figures = [...document.querySelectorAll("figure")];
    const given = blocksOf(exampleReport, "figure");
    expect(figures).toHaveLength(given.length);
    figures.forEach((element, i) => {
      const { figure } = given[i] as Extract<Block, { kind: "figure" }>;
      expect(element.querySelector("[role=img]")!.getAttribute("aria-label")).toContain(figure.title);
      expect(element.querySelector("figcaption")!.textContent).toContain(figure.caption);
      expect(element.querySelectorAll(".panel > svg")).toHaveLength(figure.panels.length);
      expect(element.querySelectorAll("details tbody tr").length).toBeGreaterThan(2);
      expect(JSON.parse(element.querySelector("script")!.textContent!).panels).toHaveLength(figure.panels.length);
    });
  });

  it("a long table is cut, and says how much of it is there", () => {
    const training = [...document.querySelectorAll("figure")].find(
      (f) => f.querySelector("h3")!.textContent === "Training",
    )!;
    expect(training.querySelectorAll("details tbody tr").length).toBeLessThan(60);
    expect(training.querySelector("details")!.textContent).toContain("24 of 3000 rows");
  });

  it("equations are MathML, and their text where there is none", () => {
    expect(document.querySelectorAll(".equation math")).toHaveLength(2);
    expect(document.querySelector(".equation code")!.textContent).toBe("z = W r + c");
    const cells = [...document.querySelectorAll(".parameters tbody tr")].map((tr) =>
      [...tr.children].map((c) => c.textContent),
    );
    expect(cells[0]).toEqual(["τ", "10", "ms", "scalar", "pinned"]);
    expect(cells[2]).toEqual(["J", "normal, gain 1.2", "", "100 × 100", "free"]);
  });

  it("says how to reproduce the run", () => {
    const text = document.querySelector("#reproduce")!.textContent!;
    for (const part of [
      "npx nullcline run context --seed 1",
      "0.1.0",
      "relaxed",
      "Node 20.20.2",
      "Intel Xeon, 2 cores",
      "3 min 12 s",
    ])
      expect(text).toContain(part);
  });
});

describe("a stranger's text", () => {
  it.each([
    "<script>alert(1)</script>",
    `" onload="alert(1)" x='`,
    "</style><script>alert(1)</script>",
    "&lt;b&gt;\u0000",
  ])("stays text everywhere: %s", async (text) => {
    const report = poison(exampleReport, text) as Report;
    const bad = parseHTML(await renderReport(report)).document;
    expect(bad.querySelectorAll("script:not([type='application/json'])")).toHaveLength(0);
    for (const element of bad.querySelectorAll("*"))
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on/);
    const shown = text.replace("\u0000", "");
    expect(bad.querySelector("h1")!.textContent).toBe(shown);
    expect(bad.querySelector(".checks th[scope=row]")!.textContent).toBe(shown);
    expect(bad.querySelector("figcaption")!.textContent).toContain(shown);
    expect(bad.querySelectorAll("math")).toHaveLength(0);
    const tags = (page: Document) =>
      [...page.querySelectorAll("body *")].filter((e) => !e.closest("svg,math,.equation,nav,.parameters,.legend"));
    expect(new Set(tags(bad as unknown as Document).map((e) => e.localName))).toEqual(
      new Set(tags(document).map((e) => e.localName)),
    );
  });
});

it("text of the page has a contrast of 4.5 : 1 on light and on dark paper (WCAG 1.4.3)", () => {
  const luminance = (hex: string) => {
    const full = hex.length === 4 ? `#${[...hex.slice(1)].map((c) => c + c).join("")}` : hex;
    const [r, g, b] = [1, 3, 5]
      .map((i) => Number.parseInt(full.slice(i, i + 2), 16) / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const themes = [...reportStyle.matchAll(/:root\{[^}]*--paper[^}]*\}/g)].map(([rule]) =>
    Object.fromEntries([...rule.matchAll(/--(\w+):(#\w+)/g)].map((m) => [m[1], m[2]!])),
  );
  expect(themes).toHaveLength(2);
  for (const theme of themes)
    for (const ink of ["ink", "muted", "accent", "good", "bad"])
      for (const ground of ["paper", "wash"]) {
        const [low, high] = [luminance(theme[ink]!), luminance(theme[ground]!)].sort((a, b) => a - b);
        expect((high! + 0.05) / (low! + 0.05), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
});
