/** Results as Markdown tables, and their place in README. */

/** Three digits, without an exponent. */
export const digits = (x) =>
  x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 1 ? x.toFixed(2) : x.toPrecision(2);

/** A Markdown table with columns of even width. */
export function markdown(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, c) => Math.max(3, ...all.map((row) => row[c].length)));
  const line = (row) => `| ${row.map((cell, c) => cell.padEnd(widths[c])).join(" | ")} |`;
  return [line(all[0]), line(widths.map((w) => "-".repeat(w))), ...all.slice(1).map(line)].join("\n");
}

/** What is said of one peer in one case. */
export function cell(result) {
  if (result === undefined) return "";
  switch (result.status) {
    case "timed":
      return (
        `${digits(result.cpu.median)} / ${digits(result.wall.median)}` +
        (result.ratio === undefined ? "" : ` · **${digits(result.ratio)} ×**`) +
        (result.says ? ` (${result.says})` : "")
      );
    case "measured":
      return `${digits(result.value)}${result.ratio === undefined ? "" : ` · **${digits(result.ratio)} ×**`}`;
    case "disagrees":
      return `differs: ${result.says}`;
    case "missing":
      return "not installed";
    default:
      return result.says ?? result.status;
  }
}

/** One row for each case, one column for each peer that took part. */
export function tableOf(results) {
  const names = (key) => [...new Set(results.map((r) => r[key]))];
  const peers = names("peer");
  const rows = names("case").map((name) => [
    name,
    ...peers.map((peer) => cell(results.find((r) => r.case === name && r.peer === peer))),
  ]);
  return markdown(["", ...peers], rows);
}

const [from, to] = ["<!-- last full run -->", "<!-- end of the last full run -->"];

/** A document with the text between its two marks replaced. @throws Error where it has no marks */
export function withReport(document, report) {
  const [start, end] = [document.indexOf(from), document.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`the document lacks ${from} … ${to}`);
  return `${document.slice(0, start + from.length)}\n\n${report.trim()}\n\n${document.slice(end)}`;
}
