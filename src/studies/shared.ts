/** Pieces of reports that several studies share. */
import { symbolMathml, toMathml } from "../equations/print.ts";
import type { Figure, Layer } from "../figures/figure.ts";
import { formatNumber } from "../figures/number.ts";
import type { Network } from "../networks/network.ts";
import type { Block, ParameterRow } from "./report.ts";

/** The equations of a network with its parameters. */
export function equationsBlock(network: Network): Block {
  const { data, sizes } = network;
  const shape = (dims: readonly (string | number)[]): string => {
    const numbers = dims.map((d) => (typeof d === "number" ? d : sizes[d])).join(" × ");
    return dims.some((d) => typeof d === "string") ? `${numbers} (${dims.join(" × ")})` : numbers;
  };
  const parameters = Object.entries(network.parameters).map(([name, p]): ParameterRow => {
    const declared = data.parameters[name]!;
    const values = p.values.data;
    const tag = typeof p.tag === "object" ? `bounded ${p.tag.bounded.join("…")}` : p.tag;
    const symbol = { symbol: name, mathml: symbolMathml(name) };
    if (values.length === 1) return { ...symbol, value: values[0]!, unit: declared.unit, tag };
    const mean = values.reduce((a: number, b: number) => a + b, 0) / values.length;
    const sd = Math.sqrt(values.reduce((s: number, v: number) => s + (v - mean) ** 2, 0) / values.length);
    return {
      ...symbol,
      value: `mean ${formatNumber(mean)}, s.d. ${formatNumber(sd)}`,
      unit: declared.unit,
      shape: shape(declared.shape ?? []),
      tag,
    };
  });
  return {
    kind: "equations",
    equations: [{ text: data.equations, mathml: toMathml(data) }],
    source: data.source,
    parameters,
  };
}

/** Loss and score over the iterations of a phase of training. */
export function trainingFigure(metrics: Record<string, unknown>[], score: string): Figure {
  const at = (key: string, lines = metrics): number[] => lines.map((line) => line[key] as number);
  const validated = metrics.filter((line) => line.score !== undefined);
  const scores: Layer[] =
    validated.length > 0
      ? [
          {
            kind: "line",
            name: "score",
            color: "green",
            x: at("iteration", validated),
            y: at("score", validated),
            shape: "circle",
          },
        ]
      : [];
  return {
    title: "Learning",
    caption: "Left: the loss of each iteration's trials. Right: behaviour on held-out trials.",
    panels: [
      {
        x: { label: "iteration" },
        y: { label: "loss", scale: "log" },
        layers: [{ kind: "line", name: "loss", color: "blue", width: 1, x: at("iteration"), y: at("loss") }],
        aspect: 0.7,
      },
      ...(scores.length > 0 ? [{ x: { label: "iteration" }, y: { label: score }, layers: scores, aspect: 0.7 }] : []),
    ],
  };
}
