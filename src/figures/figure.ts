/**
 * A figure is data: what is drawn, not how. It serialises, is drawn by `drawFigure` into SVG in Node and in the browser
 * alike, and carries the numbers that its table and its description for screen readers are made from.
 *
 * Panels hold layers of seven kinds: line, points, bars, heat, region, rule, text. Every analysis composes its figure
 * from these; none has a drawing function of its own.
 */

/** Values along an axis. A value that is not finite (or null, as JSON has it) is missing: a gap in a line, no point. */
export type Values = ArrayLike<number | null>;

/** A name of the palette; or a place on an ordered scale 0…1, or on a signed scale -1…1 (colour and lightness). */
export type Color = NamedColor | { ordered: number } | { signed: number };
export type NamedColor = "blue" | "vermilion" | "green" | "purple" | "gray" | "ink";
export type Shape = "circle" | "square" | "diamond" | "triangle" | "star" | "cross" | "times" | "plus";
export type Dash = "solid" | "dashed" | "dotted";

export interface Figure {
  title: string;
  /** One or two sentences: what is drawn, for which data, what error bars are. */
  caption: string;
  /** The sentence a screen reader says. Default: made from titles, axes and series. */
  description?: string;
  panels: Panel[];
  /** At most so many panels side by side; fewer where they would become too narrow to read. Default 3. */
  columns?: number;
  /** Axes on which all panels cover the same range. Default `none`. */
  share?: "none" | "x" | "y" | "both";
}

export interface Panel {
  title?: string;
  x: Axis;
  y: Axis;
  /** Drawn in this order, regions and heat maps below the grid's labels and all else. */
  layers: Layer[];
  /** One unit is equally long on both axes (state spaces, spectra). Default false. */
  equal?: boolean;
  /** Height over width of the plotted area where `equal` is not set. Default: 0.38 for a single panel, else 0.75. */
  aspect?: number;
}

export interface Axis {
  /** What is measured, e.g. `time`. */
  label: string;
  /** Its unit, e.g. `ms`; printed in brackets. */
  unit?: string;
  /** Default `linear`. On `log`, values that are not positive are missing. */
  scale?: "linear" | "log";
  /** Limits. Default: the data's, a little wider. */
  domain?: [number, number];
  /** Values that the range must contain beside the data's, e.g. `[0]`. */
  include?: number[];
  /** Where ticks stand. Default: chosen; an empty list draws none. */
  ticks?: number[];
  /** Names of categories: values on this axis are then indices into them. */
  categories?: string[];
  /**
   * Names of lanes (y axis only): traces of different units one above the other, each with a range of its own. A layer says
   * by `lane` (an index) to which it belongs. A lane has the same range in all panels that have it.
   */
  lanes?: Lane[];
}

export interface Lane {
  name: string;
  unit?: string;
  /** Default: the range of its data over all panels. */
  domain?: [number, number];
}

interface LayerBase {
  /** In the legend and the table. Layers of the same name share one entry of the legend. */
  name?: string;
  /** Default: `ink`. */
  color?: Color;
  /** 0…1. Default 1. */
  opacity?: number;
  /** On a y axis with lanes: which. Default 0. */
  lane?: number;
  /** Drawn for orientation, no data: not in the table, not in the description. Default false. */
  guide?: boolean;
}

export interface LineLayer extends LayerBase {
  kind: "line";
  x: Values;
  y: Values;
  /** Half lengths of error bars. */
  error?: Values;
  /** Limits of a band around the line. */
  low?: Values;
  high?: Values;
  /** A mark at each value. */
  shape?: Shape;
  dash?: Dash;
  /** In pixels. Default 1.6. */
  width?: number;
  /** Constant between samples. Default false. */
  step?: boolean;
  /** An arrow head at the last value: the direction of time. Default false. */
  arrow?: boolean;
}

export interface PointsLayer extends LayerBase {
  kind: "points";
  x: Values;
  y: Values;
  /** Half lengths of error bars, along y and along x. */
  error?: Values;
  errorX?: Values;
  /** Default `circle`. */
  shape?: Shape;
  /** Outline only. Default false. */
  open?: boolean;
  /** Radius in pixels. Default 3.5. */
  size?: number;
}

/** One bar per category of the axis that has categories; several layers stand side by side. */
export interface BarsLayer extends LayerBase {
  kind: "bars";
  values: Values;
  /** Half lengths of error bars. */
  error?: Values;
  /** Prints each value at its bar. Default true. */
  numbers?: boolean;
}

/** A matrix as colours. Its first row is drawn at the low end of y, or at the top where y has categories. */
export interface HeatLayer extends LayerBase {
  kind: "heat";
  /** Row-major, `rows × columns`. */
  values: Values;
  rows: number;
  columns: number;
  /** Outer edges along x and y. Default: `[-0.5, columns - 0.5]`, `[-0.5, rows - 0.5]`, as indices and categories need. */
  x?: [number, number];
  y?: [number, number];
  /** What the colour shows, e.g. `rate`, and its unit. */
  label: string;
  unit?: string;
  /** `signed`: zero is transparent, both signs have a hue. Default `sequential`. */
  scale?: "sequential" | "signed";
  /** Default: the data's, symmetric where signed. */
  domain?: [number, number];
}

/** A shaded stretch of the x or the y axis, e.g. an epoch of a trial; its name is printed inside. */
export interface RegionLayer extends LayerBase {
  kind: "region";
  axis: "x" | "y";
  from: number;
  to: number;
}

/** A reference line: at a value of x or y, or where y = x. */
export interface RuleLayer extends LayerBase {
  kind: "rule";
  axis: "x" | "y" | "identity";
  /** Default 0; not read for `identity`. */
  at?: number;
  dash?: Dash;
}

export interface TextLayer extends LayerBase {
  kind: "text";
  x: Values;
  y: Values;
  text: string[];
  /** Which end of the text stands at the point. Default `middle`. */
  anchor?: "start" | "middle" | "end";
  /** Moves it, in pixels. */
  dx?: number;
  dy?: number;
}

export type Layer = LineLayer | PointsLayer | BarsLayer | HeatLayer | RegionLayer | RuleLayer | TextLayer;

/** `label (unit)`. */
export function axisTitle(axis: { label: string; unit?: string }): string {
  return axis.unit ? `${axis.label} (${axis.unit})` : axis.label;
}
