/** What a line may say of time and noise: the indices, `xi`, `delay` and functions of parameters that fit its quantities. */
import type { Place } from "./errors.ts";
import { type Ast, children, type Index, isNoise, type Line, nodesOf, showIndex, walk } from "./syntax.ts";
import type { Quantity, Text } from "./text.ts";

/** Names, indices and white noise. @throws EquationError: name, time, noise. */
export function checkNames(text: Text, line: Line): void {
  const flow = line.kind === "flow";
  for (const node of nodesOf(line)) {
    if (node.type !== "name") continue;
    const meaning = text.meaning(node.name, node.at);
    const { index } = node;
    if (index && meaning.kind !== "quantity" && meaning.kind !== "input")
      text.fail("time", node.at, `\`${node.name}\` has no time`, "leave the index out");
    if (meaning.kind === "quantity") checkIndex(text, node.name, meaning.quantity, index, node.at, flow);
    if (meaning.kind === "input" && index) {
      if (meaning.per === "trial")
        text.fail("time", node.at, `the input \`${node.name}\` is given once per trial`, "leave the index out");
      if (index.base !== "t")
        text.fail(
          "time",
          node.at,
          `the input \`${node.name}\` at one sample`,
          `name it first: \`v = ${node.name}\`, then \`v[0]\``,
        );
      if (text.count(index, node.at) !== 0 && flow) inFlow(text, node.name, index, node.at);
    }
  }
  if (flow) {
    checkXi(text, line.right, true);
    if (line.scale && [...walk(line.scale)].some(isNoise))
      text.fail("noise", line.at, "noise in a time constant", "add the noise to the right side");
  } else
    for (const node of walk(line.right))
      if (node.type === "name" && node.name === "xi")
        text.fail(
          "noise",
          node.at,
          "`xi`, white noise, stands outside a flow",
          "`xi` ends a term of a flow; a normal number per sample is `eps`",
        );
}

function checkIndex(
  text: Text,
  name: string,
  quantity: Quantity,
  index: Index | undefined,
  at: Place,
  flow: boolean,
): void {
  if (!quantity.line) {
    if (!index || index.base === "t") {
      const point = quantity.point!.index!;
      text.fail("time", at, `\`${name}\` exists at one sample only`, `write \`${name}[${showIndex(point)}]\``);
    }
    if (showIndex(index) !== showIndex(quantity.point!.index!))
      text.fail(
        "time",
        at,
        `\`${name}[${showIndex(index)}]\` does not exist`,
        `write \`${name}[${showIndex(quantity.point!.index!)}]\``,
      );
    return;
  }
  if (!index) return;
  if (text.count(index, at) !== 0 && index.base === "t" && flow) inFlow(text, name, index, at);
}

const inFlow = (text: Text, name: string, index: Index, at: Place): never =>
  text.fail(
    "time",
    at,
    `\`${name}[${showIndex(index)}]\` in a flow, which has no samples`,
    `write \`delay(${name}, d)\` with d in units of time, or a map`,
  );

/** `xi` may stand as a term, the last factor of a product, or beside `*`. */
function checkXi(text: Text, ast: Ast, allowed: boolean): void {
  if (ast.type === "name" && ast.name === "xi" && !allowed)
    text.fail(
      "noise",
      ast.at,
      "`xi` inside a function or before another factor",
      "white noise ends a term of a flow: `sigma xi`, `sigma * xi`, `L xi`",
    );
  if (ast.type === "name" || ast.type === "number") return;
  if (ast.type === "sum") for (const { term } of ast.terms) checkXi(text, term, allowed);
  else if (ast.type === "chain")
    for (const f of ast.factors) checkXi(text, f, allowed && f === ast.factors[ast.factors.length - 1]);
  else if (ast.type === "mul") {
    checkXi(text, ast.a, allowed);
    checkXi(text, ast.b, allowed && ![...walk(ast.a)].some((n) => n.type === "name" && n.name === "xi"));
  } else if (ast.type === "div") {
    checkXi(text, ast.a, allowed);
    checkXi(text, ast.b, false);
  } else for (const node of children(ast)) checkXi(text, node, false);
}

/**
 * What only a quantity that changes in time, or only one that does not, can have.
 * @throws EquationError: time, noise, matrix.
 */
export function checkLevels(text: Text, line: Line): void {
  const isPoint = text.quantities.get(line.name)!.point === line;
  for (const node of nodesOf(line)) {
    if (node.type === "name" && node.index) {
      const m = text.meaning(node.name);
      if (m.kind === "quantity" && m.quantity.line && m.quantity.level !== "sample")
        text.fail("time", node.at, `\`${node.name}\` does not change in time`, "leave the index out");
    }
    if (node.type !== "call") continue;
    if (node.fn === "delay") {
      const [what] = node.args as [Ast];
      for (const inner of walk(what))
        if (inner.type === "name" && inner.index)
          text.fail(
            "time",
            inner.at,
            "an index inside `delay`",
            `\`delay(${inner.name}, d)\` goes back by a time, \`${inner.name}[t-3]\` by samples: use one of the two`,
          );
      if (isPoint)
        text.fail("time", node.at, "`delay` in a line for one sample", "read one sample instead: `x[0]`, `x[T-1]`");
      if (text.levelOf(what) !== "sample")
        text.fail("time", node.at, "a delay of what does not change in time", "leave the delay out");
    }
    if ((node.fn === "diag" || node.fn === "rownorm") && text.levelOf(node.args[0]!) !== "update") {
      const noise = [...walk(node.args[0]!)].find(isNoise);
      if (noise)
        text.fail(
          "noise",
          noise.at,
          `noise inside \`${node.fn}\``,
          "it is a function of parameters; noise goes into a line of its own",
        );
      text.fail(
        "matrix",
        node.at,
        `\`${node.fn}\` of a quantity that changes in time`,
        node.fn === "diag"
          ? "it is a function of parameters; for `diag(a) b` write `a * b`"
          : "it is a function of parameters",
      );
    }
  }
}
