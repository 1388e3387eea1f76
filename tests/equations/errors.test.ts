/** Every row of the language's table of errors: code, place, caret, what was given, what to do. */
import { describe, expect, it } from "vitest";
import { NullclineError } from "../../src/base/errors.ts";
import { interpretProgram } from "../../src/engine/interpreter.ts";
import { EquationError } from "../../src/equations/errors.ts";
import { modelOf } from "../../src/equations/model.ts";
import type { NetworkData } from "../../src/equations/network.ts";
import { declare } from "./declare.ts";

function errorOf(network: NetworkData): EquationError {
  try {
    modelOf(network);
  } catch (error) {
    if (error instanceof EquationError) return error;
    throw error;
  }
  throw new Error(`accepted: ${network.equations}`);
}

interface Row {
  text: string;
  table?: string;
  rest?: Partial<NetworkData>;
  /** What stands above the carets, and in which line (1) and which occurrence there (first). */
  under?: string;
  line?: number;
  nth?: number;
  given: RegExp;
  expected?: RegExp;
  remedy?: RegExp;
  symbols?: string[];
}

/** `tau`, a square `J`, an input matrix `B`, a bias: what most rows need. */
const rate = "tau J[N,N] B[N,I] b[N]";

const rows: Record<string, Row[]> = {
  character: [
    { text: "h_{t+1} = 1", under: "{", given: /`\{` is not part of the language/, remedy: /write an index as `h\[t\+1\]`/ },
    { text: "x = 1\ny = x & 2", line: 2, under: "&", given: /`&` is not part/, remedy: /the language knows \+ - \*/ },
    { text: "x = 1 # fine: €\ny = 🧠", line: 2, under: "🧠", given: /`🧠` is not part/ },
    { text: "\tx = 1\t$", under: "$", given: /`\$` is not part/ },
  ],
  syntax: [
    { text: "y[t] = 2x", under: "2x", given: /the number 2 runs into a name/, remedy: /write a space after the number 2: `2 x`/ },
    { text: "x = a^b^c", table: "a b c", under: "^", nth: 2, given: /`a\^b\^c` can be read in two ways/, remedy: /use parentheses: `\(a\^b\)\^c` or `a\^\(b\^c\)`/ },
    { text: "x = J ' b", table: "J[N,N] b[N]", under: "'", given: /`'` stands apart/, remedy: /attach `'` .* `J'`/ },
    { text: "x = a * -b", table: "a b", under: "-", given: /`-` after an operator/, remedy: /use parentheses: `\(-b\)`/ },
    { text: "x = + a", table: "a", under: "+", given: /starts with `\+`/, remedy: /leave the `\+` out/ },
    { text: "x + a", table: "a", under: "x", given: /without `=`/, remedy: /`name = …`/ },
    { text: "x = (a + 1", table: "a", given: /the line ends here/, expected: /`\)`/, remedy: /close the parenthesis/ },
    { text: "x = (a + 1\ny = 2", table: "a", line: 2, under: "=", given: /`=` stands here/, expected: /`\)`/ },
    { text: "x = a + 1)", table: "a", under: ")", given: /`\)` cannot stand here/ },
    { text: "x = a 2", table: "a", under: "2", given: /the number 2 stands after a factor/, remedy: /a number stands first/ },
    { text: "x = a [t-1]", table: "a", under: "[", given: /an index that stands apart/, remedy: /attach it/ },
    { text: "x[t] = x[t*2]", under: "*", given: /`\*` in an index/, remedy: /`\[t-1\]`/ },
    { text: "x = a = b", table: "a b", under: "=", nth: 2, given: /a second `=`/, remedy: /one line for each quantity/ },
    { text: "x =", given: /nothing stands after `=`/ },
    { text: "x = 1 +\n2", given: /the line ends here/, remedy: /goes on where the next one begins with \+ - \* \// },
    { text: "# nothing but a comment", given: /has no equations/ },
  ],
  function: [
    { text: "x = J(r)", table: "J[N,N] r[N]", under: "J", given: /`J` is not a function/, remedy: /for a product write `J \(r\)`, for a time `J\[t-1\]`/ },
    { text: "dx/dt = -x(t)", under: "x", nth: 2, given: /`x` is not a function/, remedy: /for a product write `x \(t\)`, for a time `x\[t\]`/ },
    { text: "dx/dt = -x(t-1)", under: "x", nth: 2, given: /`x` is not a function/, remedy: /for a time `x\[t-1\]`/ },
    { text: "x = tanh a", table: "a", under: "tanh", given: /`tanh` needs parentheses/, remedy: /write `tanh\(a\)`/ },
    { text: "x = sigma(a)", table: "a", under: "sigma", given: /`sigma` is not a function/, remedy: /the logistic function is `sigmoid`/ },
    { text: "x = ln(a)", table: "a", under: "ln", given: /`ln` is not a function/, remedy: /did you mean `log\(a\)`\?/ },
    { text: "x = thanh(a)", table: "a", under: "thanh", given: /not a function/, remedy: /did you mean `tanh\(a\)`\?/ },
    { text: "x = min(a)", table: "a", under: "min(a)", given: /`min` is given 1 argument/, expected: /2 arguments/, remedy: /`min\(a, b\)`/ },
    { text: "x = tanh()", under: "tanh()", given: /given 0 arguments/, expected: /1 argument/ },
  ],
  division: [
    { text: "x[t+1] = x + dt/tau x", table: "tau", under: "dt/tau x", given: /`dt\/tau x` can be read in two ways/, remedy: /`\(dt\/tau\) x` or `dt\/\(tau x\)`/ },
    { text: "x = a b/c (d + 1)", table: "a b c d", under: "a b/c (d + 1)", given: /two ways/, remedy: /`\(a b\/c\) \(d \+ 1\)` or `a b\/\(c \(d \+ 1\)\)`/ },
  ],
  left: [
    { text: "A x = b", table: "A[N,N] b[N]", under: "A x", given: /the left side `A x`/, expected: /a name, an indexed name or `dx\/dt`/, remedy: /solve the equation/ },
    { text: "x' = -x", under: "x'", given: /the left side `x'`/, remedy: /`'` is a transpose: for a time derivative write `dx\/dt`/ },
    { text: "tanh(x) = 2", under: "tanh(x)", given: /the left side `tanh\(x\)`/ },
    { text: "= 2", under: "=", given: /nothing stands before `=`/ },
    { text: "tau * dx/dt = -x", table: "tau", under: "*", given: /`\*` in the factor before `dx\/dt`/, remedy: /`tau dx\/dt = …`/ },
    { text: "d x/dt = -x", under: "d x/dt", given: /the left side/, remedy: /write a time derivative as `dx\/dt`/ },
    { text: "d/dt = 1", under: "d", given: /`d\/dt` without a quantity/ },
    { text: "x[t+2] = x", under: "x[t+2]", given: /at `\[t\+2\]`/, remedy: /`\[t\]` or `\[t\+1\]`/ },
    { text: "x[t+1] = x[t+2]", under: "x[t+1]", given: /`x` runs from the end of the trial/, remedy: /write `x\[t\] = …`/ },
  ],
  name: [
    { text: "x[t+1] = x + sigm eps", table: "sigma", under: "sigm", given: /`sigm` is not defined/, remedy: /did you mean `sigma`\?/, symbols: ["sigm"] },
    { text: "x[t+1] = x + ax", table: "a", under: "ax", given: /`ax` is not defined/, remedy: /did you mean the product `a x`\?/ },
    { text: "tau dx/dt = -x + j r; r = tanh(x)", table: rate, under: "j", given: /`j` is not defined/, remedy: /did you mean `J`\?/ },
    { text: "tau dx/dt = -x + K r; r = tanh(x)", table: rate, under: "K", given: /`K` is not defined/, remedy: /^define it in a line, or in the table of parameters$/ },
    { text: "dx/dt = -x; y = dx/dt", under: "dx", nth: 2, given: /`dx` is not defined/, remedy: /left side only/ },
    { text: "x = a", table: "a", rest: { outputs: ["y"] }, given: /the output `y` is not defined/ },
    { text: "rates = a", table: "a", rest: { outputs: ["rate"] }, given: /the output `rate`/, remedy: /did you mean `rates`\?/ },
    { text: "x = a", table: "a", rest: { states: { w: { shape: ["N"] } } }, given: /declares the state `w`, which no line defines/ },
    { text: "x = a", table: "a", rest: { surrogates: { s: { kind: "triangle", gain: 1, width: 1 } } }, given: /a surrogate for `s`/ },
    { text: "x = 1", rest: { inputs: { "a b": { shape: [] } } }, given: /the input `a b`/, remedy: /a name is a letter, then/ },
  ],
  reserved: [
    { text: "t = 3", under: "t", given: /`t` cannot be defined/, remedy: /a function or a symbol of the language/ },
    { text: "x = 1\ntanh = 3", line: 2, under: "tanh", given: /`tanh` cannot be defined/ },
    { text: "x = 1", table: "eps", given: /the parameter `eps` of the table/ },
    { text: "x = a", table: "a[dt]", given: /the size `dt` of the table/ },
    { text: "constructor = 1", under: "constructor", given: /cannot be defined/, remedy: /a word of JavaScript/ },
  ],
  twice: [
    { text: "x = tau\ntau = 3", table: "tau", line: 2, under: "tau", given: /`tau` is defined here and is a parameter of the table/, symbols: ["tau"] },
    { text: "x = a\nx = b", table: "a b", line: 2, under: "x", given: /defined twice: here and in line 1/ },
    { text: "tau dx/dt = -x; x[t] = x[t-1]", table: "tau", under: "x[t]", given: /defined twice/ },
    { text: "N = 2", table: "b[N]", under: "N", given: /`N` is defined here and is a size of the table: `b` has the shape \[N\]/ },
    { text: "u = 2", rest: { inputs: { u: { shape: [] } } }, under: "u", given: /is an input of the table/ },
    { text: "x = a", table: "a", rest: { inputs: { a: { shape: [] } } }, given: /`a` is an input and a parameter/ },
    { text: "x = a", table: "a[N] N", given: /`N` is a size and a parameter/ },
  ],
  shape: [
    { text: "tau dx/dt = -x + B r + B u + b\nr = tanh(x)", table: rate, under: "B r", given: /^shapes do not fit: B \[N × I\] times r \[N\]$/, remedy: /^`B` needs as many columns as `r` has entries: did you mean `J r`, or `B u`\?$/, symbols: ["B", "r"] },
    { text: "tau dx/dt = -x + J r\nr = tanh(x)\nz = C r", table: `${rate} C[N,O]`, line: 3, under: "C r", given: /C \[N × O\] times r \[N\]/, remedy: /`C` needs as many columns as `r` has entries/ },
    { text: "tau dx/dt = -x + J r + M w' u\nr = tanh(x)", table: `${rate} M[N,I] w[N]`, under: "M w'", given: /M \[N × I\] times w' \[1 × N\]/, remedy: /`M` needs as many columns as `w'` has rows/ },
    { text: "tau dx/dt = -x + b c", table: `${rate} c[N]`, under: "b c", given: /b \[N\] times c \[N\]/, remedy: /two vectors: write `b \* c` elementwise or `b' c` for the inner product/ },
    { text: "tau dx/dt = -x + b + c", table: `${rate} c[I]`, under: "c", given: /x \[N\] and c \[I\]/, expected: /equal shapes, or a scalar with any/ },
    { text: "tau dx/dt = -x + J * r\nr = tanh(b)", table: rate, under: "J * r", given: /J \[N × N\] and r \[N\]/, remedy: /did you mean the product `J r`\?/ },
    { text: "dx/dt = -x + min(b, c)", table: "b[N] c[I]", under: "min(b, c)", given: /b \[N\] and c \[I\]/ },
    { text: "dx/dt = -x + b^c", table: "b[N] c[I]", under: "b^c", given: /b \[N\] and c \[I\]/ },
    { text: "x[t+1] = x + J", table: rate, rest: { states: { x: { shape: ["N"] } } }, under: "J", given: /x \[N\] and J \[N × N\]/ },
    { text: "dx/dt = J", table: rate, rest: { states: { x: { shape: ["N"] } } }, under: "J", given: /`x` is \[N\] and the right side is \[N × N\]/, expected: /the same shape on both sides/ },
    { text: "s dx/dt = -x + b", table: "s[I] b[N]", under: "s", given: /the factor before `dx\/dt` is \[I\]/, expected: /a scalar, or the shape of `x`/ },
    { text: "L = K^2", table: "K[N,N]", under: "K^2", given: /a power of a matrix/ },
    { text: "L = diag(K)", table: "K[N,N]", under: "diag(K)", given: /`diag` of \[N × N\]/, remedy: /it takes a vector/ },
    { text: "L = rownorm(b)", table: "b[N]", under: "rownorm(b)", given: /`rownorm` of \[N\]/, remedy: /it takes a matrix/ },
    { text: "x = a", table: "a[N,N,N]", given: /`a` has 3 sizes/ },
    { text: "x = a", table: "a[0]", given: /`a` has a size of 0/, remedy: /positive integers or names/ },
  ],
  matrix: [
    { text: "dx/dt = -x + x y' r + b; dy/dt = -y + b; r = tanh(x)", table: "b[N]", under: "x y' r", given: /two quantities that change in time/, remedy: /elementwise \(`a \* b`\) or in an inner product \(`a' b`\)/ },
    { text: "dx/dt = -x + diag(x) b", table: "b[N]", under: "diag(x)", given: /`diag` of a quantity that changes in time/, remedy: /for `diag\(a\) b` write `a \* b`/ },
  ],
  "open shape": [
    { text: "tau dx/dt = -x + J r + w\ntau dw/dt = -w + xi\nr = tanh(x)", table: rate, line: 2, under: "tau dw/dt", given: /the shape of `w` is open: one number, or one per unit/, remedy: /states: \{ w: \{ shape: \["N"\] \} \}/, symbols: ["w"] },
  ],
  cycle: [
    { text: "h[t] = tanh(J h + b)", table: rate, under: "h", nth: 3, given: /`h` depends on itself at the same sample/, remedy: /did you mean `h\[t-1\]`\?/, symbols: ["h"] },
    { text: "a = b + u\nb = c\nc = 2 a", rest: { inputs: { u: { shape: [] } } }, under: "b", given: /`a` → `b` → `c` → `a` depend on each other/, remedy: /did you mean `b\[t-1\]`\?/, symbols: ["a", "b", "c"] },
    { text: "a = b + 1; b = a", under: "b", given: /`a` → `b` → `a`/ },
    { text: "x[t+1] = y[t+1]; y[t+1] = x[t+1]", under: "y[t+1]", given: /`x` → `y` → `x`/, remedy: /did you mean `y\[t\]`\?/ },
    { text: "y[0] = w[0]; w[0] = y[0]", under: "w[0]", given: /`y` → `w` → `y`/ },
    { text: "r = tanh(x); x[t+1] = r[t+1]", under: "x[t+1]", given: /`x` depends on itself at the same sample/ },
  ],
  order: [
    { text: "h[t] = tanh(h[t-1] + h[t+1])", under: "h[t]", given: /`h` needs both its past and its future/, remedy: /a forward and a backward quantity/ },
    { text: "a[t] = b[t-1]; b[t] = a[t+1]", under: "b[t]", given: /`b`, `a` need both their past and their future/ },
    { text: "y[0] = e[T-1]; e[t] = e[t-1] + y[0]", under: "e[T-1]", given: /`y` needs one sample of `e`/, remedy: /cannot read its own samples/ },
    { text: "h[t] = h[t-1] + h[0]", under: "h[0]", given: /`h` reads one of its own samples by number/ },
  ],
  time: [
    { text: "dx/dt = -x + r[t-1]; r = tanh(x)", under: "r[t-1]", given: /`r\[t-1\]` in a flow/, remedy: /`delay\(r, d\)`/ },
    { text: "dx/dt = -x + u[t-1]", rest: { inputs: { u: { shape: [] } } }, under: "u[t-1]", given: /`u\[t-1\]` in a flow/, remedy: /`delay\(u, d\)`/ },
    { text: "x[t] = x[t-1] + a[t-1]", table: "a", under: "a[t-1]", given: /`a` has no time/, remedy: /leave the index out/ },
    { text: "k = 2 a; x[t] = x[t-1] + k[t-1]", table: "a", under: "k[t-1]", given: /`k` does not change in time/ },
    { text: "y[0] = a; x[t] = x[t-1] + y", table: "a", under: "y", nth: 2, given: /`y` exists at one sample only/, remedy: /write `y\[0\]`/ },
    { text: "y[0] = a; x[t] = x[t-1] + y[1]", table: "a", under: "y[1]", given: /`y\[1\]` does not exist/, remedy: /write `y\[0\]`/ },
    { text: "dx/dt = -x + delay(x, 2.3)", rest: { dt: 0.5 }, under: "delay(x, 2.3)", given: /a delay of 2.3, which is no multiple of dt = 0.5/, remedy: /the nearest delays are 2 and 2.5$/ },
    { text: "dx/dt = -x + delay(x, d)", table: "d=0.25", rest: { dt: 0.1 }, under: "delay(x, d)", given: /a delay of 0.25/, remedy: /the nearest delays are 0.2 and 0.3$/ },
    { text: "dx/dt = -x + delay(x, 0.01)", rest: { dt: 0.5 }, under: "delay(x, 0.01)", given: /a delay of 0.01/, remedy: /0.5 and 1$/ },
    { text: "dx/dt = -x + delay(x, d)", table: "d", rest: { dt: 0.5 }, under: "delay(x, d)", given: /without a number for its length/ },
    { text: "dx/dt = -x + delay(x, 1)", under: "delay(x, 1)", given: /without a number for `dt`/ },
    { text: "x[t] = x[t-1] + delay(x[t-1], 1)", under: "x[t-1]", nth: 2, given: /an index inside `delay`/ },
    { text: "k = 2 a; x[t] = x[t-1] + delay(k, 1)", table: "a", under: "delay(k, 1)", given: /does not change in time/ },
    { text: "x[t] = x[t-n]", table: "n=2.5", under: "x[t-n]", given: /the count `n` in an index is 2.5/, remedy: /a whole number/ },
    { text: "x[t] = x[t-n]", table: "n", under: "x[t-n]", given: /the count `n`/ },
    { text: "x[t] = x[t-n]", under: "x[t-n]", given: /the count `n`/ },
    { text: "dx/dt = -x; x[0] = u", rest: { inputs: { u: { shape: [] } } }, under: "u", given: /the input `u` in a line for one sample/, remedy: /once per trial/ },
    { text: "dx/dt = -x + p[t-1]", rest: { inputs: { p: { shape: [], per: "trial" } } }, under: "p[t-1]", given: /given once per trial/ },
    { text: "dx/dt = -x; y[0] = x", under: "x", nth: 3, given: /`x` in a line for one sample/, remedy: /`x\[T-1\]`, `x\[0\]`/ },
    { text: "dx/dt = -x; y[0] = t", under: "t", nth: 2, given: /`t` in a line for one sample/ },
    { text: "e[t] = e[t-1]; y[0] = e[T]", under: "e[T]", given: /`e\[T\]` does not exist/, remedy: /the first sample is `e\[0\]`, the last `e\[T-1\]`/ },
    { text: "k[t] = k[t+1]; y[0] = k[-1]", under: "k[-1]", given: /`k\[-1\]` does not exist/ },
    { text: "dx/dt = -x", rest: { dt: 0 }, given: /dt = 0/, remedy: /a positive number/ },
  ],
  initial: [
    { text: "h[t] = h[t-1]; h[0] = 1", under: "h[0]", given: /`h` is produced from sample 0 on/, remedy: /its initial value is `h\[-1\]`/ },
    { text: "dx/dt = -x; x[-1] = 1", under: "x[-1]", given: /`x` is produced from sample 1 on/, remedy: /its initial value is `x\[0\]`/ },
    { text: "k[t] = k[t+1]; k[-1] = 1", under: "k[-1]", given: /from sample T-1 on/, remedy: /its initial value is `k\[T\]`/ },
  ],
  noise: [
    { text: "x[t+1] = x + xi", under: "xi", given: /stands outside a flow/, remedy: /a normal number per sample is `eps`/ },
    { text: "dx/dt = -x + tanh(xi)", under: "xi", given: /`xi` inside a function/, remedy: /`sigma xi`, `sigma \* xi`, `L xi`/ },
    { text: "dx/dt = -x + xi sigma", table: "sigma", under: "xi", given: /before another factor/ },
    { text: "dx/dt = -x + xi * xi", under: "xi", nth: 2, given: /`xi`/ },
    { text: "dx/dt = -x + 1/xi", under: "xi", given: /`xi`/ },
    { text: "a = sigma xi; dx/dt = -x + a", table: "sigma", under: "xi", given: /stands outside a flow/ },
    { text: "J = K + diag(eps); x[t+1] = J x", table: "K[N,N]", under: "eps", given: /noise inside `diag`/, remedy: /a function of parameters/ },
    { text: "eps dx/dt = -x", under: "eps dx/dt", given: /noise in a time constant/ },
  ],
  integrator: [
    { text: "tau dx/dt = -x + xi", table: "tau", rest: { integrator: "rk4" }, under: "tau dx/dt", given: /`rk4` with `xi`, noise/, remedy: /use `euler`, the step that the text fixes/ },
    { text: "dx/dt = -x; y = eps", rest: { integrator: "heun" }, under: "dx/dt", given: /`heun` with `eps`, noise/ },
    { text: "dx/dt = -x; y[t+1] = y", rest: { integrator: "rk4" }, under: "dx/dt", given: /`rk4` with `y`, a map with memory/ },
    { text: "dx/dt = -x + delay(x, 1)", rest: { integrator: "adaptive", dt: 0.5 }, under: "dx/dt", given: /`adaptive` with `delay`/ },
    { text: "dx/dt = -x", rest: { integrator: "leapfrog" as "rk4" }, given: /no integrator `leapfrog`/, remedy: /euler, heun, rk4, adaptive/ },
  ],
  limit: [
    { text: `x = 1${" + 1".repeat(20000)}`, given: /80005 characters/, remedy: /at most 65536/ },
    { text: "x = 1\n".repeat(1001), given: /1002 lines/, remedy: /at most 1000/ },
    { text: `x = ${"(".repeat(65)}1${")".repeat(65)}`, under: "(", nth: 65, given: /nest deeper than 64/ },
    { text: `x = ${"tanh(".repeat(65)}1${")".repeat(65)}`, given: /nest deeper than 64/ },
    { text: `x = a${" * a".repeat(300)}`, table: "a", given: /more than 256 operations in each other/ },
    { text: `x = a${"'".repeat(300)}`, table: "a", given: /more than 256 operations/ },
    { text: `x = a${" a".repeat(64)}`, table: "a", given: /a product of 65 factors/, remedy: /at most 64/ },
    { text: "x[t] = x[t-20000]", under: "20000", given: /an index of 20000 samples/, remedy: /at most 10000/ },
    { text: "dx/dt = -delay(x, 1e6)", rest: { dt: 1 }, given: /a delay of 1000000 samples/ },
    { text: "x = 1e999", under: "1e999", given: /too large/ },
  ],
}; // biome-ignore format: a table

describe.each(Object.entries(rows))("%s", (code, cases) => {
  it.each(cases.map((row) => [row.text.length > 90 ? `${row.text.slice(0, 60)}…` : row.text, row] as const))(
    "%s",
    (_, row) => {
      const error = errorOf(declare(row.text, row.table, { name: "rate.eq", ...row.rest }));
      expect(error.code).toBe(code);
      expect(error).toBeInstanceOf(NullclineError);
      expect(error.facts.given).toMatch(row.given);
      if (row.expected) expect(error.facts.expected).toMatch(row.expected);
      if (row.remedy) expect(error.facts.remedy).toMatch(row.remedy);
      if (row.symbols) expect(error.symbols).toEqual(row.symbols);
      const [head, shown, caret] = error.message.split("\n");
      if (error.line === 0) {
        expect(error.message.startsWith("rate.eq: ")).toBe(true);
        expect(row.under).toBeUndefined();
        return;
      }
      // As a sentence: place and mistake, the line, a caret under what is meant.
      const text = row.text.split("\n")[error.line - 1]!;
      expect(head).toBe(`rate.eq:${error.line}:${error.column}  ${error.facts.given}`);
      expect(shown).toBe(`  ${text}`);
      expect(caret).toMatch(/^[ \t]*\^+$/);
      expect(caret!.indexOf("^")).toBe(error.column + 1);
      expect(error.line).toBe(row.line ?? 1);
      if (row.under === undefined) return;
      let at = -1;
      for (let k = 0; k < (row.nth ?? 1); k++) at = text.indexOf(row.under, at + 1);
      expect(at, "the row of this test").toBeGreaterThanOrEqual(0);
      expect({ column: error.column, length: caret!.length - caret!.indexOf("^") }).toEqual({
        column: at + 1,
        length: row.under.length,
      });
    },
  );
});

it("a line that a parenthesis takes in is shown from its beginning", () => {
  const error = errorOf(declare("x = tanh(\n  a,\n  a)", "a"));
  expect([error.code, error.line, error.column]).toEqual(["function", 1, 5]);
  expect(error.message.split("\n")[2]).toBe("      ^^^^^");
});

it("carets stand below what they mean after tabs, and lines may end as on Windows", () => {
  const error = errorOf(declare("x = 1\r\n\ty = x & 1\r\n"));
  expect([error.line, error.column]).toEqual([2, 8]);
  expect(error.message.split("\n").slice(1, 3)).toEqual(["  \ty = x & 1", "  \t      ^"]);
});

describe("warnings", () => {
  const warnings = (text: string, table: string, rest: Partial<NetworkData> = {}) =>
    modelOf(declare(text, table, rest)).warnings;
  it("a parameter that no equation reads", () => {
    expect(warnings("dx/dt = -x + b", "b[N] c[N]")).toEqual(["no equation reads the parameter `c`"]);
    expect(warnings("x[t] = x[t-n] + delay(x, d)", "n=2 d=3")).toEqual([]);
  });
  it("a quantity that reaches no output and no state", () => {
    expect(warnings("dx/dt = -x + b; q = x^2; p = q + 1; z = x", "b[N]")).toEqual([
      "`q` reaches no output and no state: only an objective can read it",
      "`p` reaches no output and no state: only an objective can read it",
    ]);
    expect(warnings("dx/dt = -x + b; q = x^2; z = q", "b[N]")).toEqual([]);
    // Without outputs everything may be what the network is for.
    expect(warnings("dx/dt = -x + b; q = x^2", "b[N]")).toEqual([]);
  });
  it.each([
    ["dx/dt = -x + x xi", "`x`"],
    ["dx/dt = -x + sigma sqrt(r) * xi; r = abs(x)", "`x`"],
    ["dx/dt = -x + sigma xi/x", "`x`"],
    ["x dx/dt = -x + sigma xi", "`x`"],
  ])("white noise multiplied by a state: %s", (text, states) => {
    expect(warnings(text, "sigma")).toContain(
      `\`xi\` in dx/dt is multiplied by a state (${states}): the equation is Itô's`,
    );
  });
  it("white noise that no state multiplies", () => {
    expect(warnings("dx/dt = -x + u * xi + sigma xi", "sigma", { inputs: { u: { shape: [] } } })).toEqual([]);
  });
  it("`step` in the path of a trained parameter", () => {
    const text = "dx/dt = -x + J step(r - theta); r = tanh(x)";
    expect(warnings(text, "J[N,N] theta")).toEqual([
      "`step` in line 1 has no derivative: nothing is learnt through it (`J`)",
    ]);
    const pinned = declare(text, "J[N,N] theta");
    pinned.parameters.J!.tag = "pinned";
    expect(modelOf(pinned).warnings).toEqual([]);
  });
});

describe("bad tables", () => {
  it("a count by name is a whole number of the table", () => {
    const { program } = modelOf(declare("x[t] = x[t-n] + 1", "n=3"));
    const run = interpretProgram(program, { sizes: {}, trials: 1, samples: 7, record: ["x"] });
    run.run();
    expect([...run.read("x").data]).toEqual([1, 1, 1, 2, 2, 2, 3]);
  });
  it.each([[undefined], [0], [-2], [2.5]])("a size of %s", (N) => {
    const { program } = modelOf(declare("dx/dt = -x + b", "b[N]"));
    const sizes = (N === undefined ? {} : { N }) as Record<string, number>;
    expect(() => interpretProgram(program, { sizes, trials: 1, samples: 1, record: ["x"] })).toThrow(NullclineError);
    expect(() => interpretProgram(program, { sizes, trials: 1, samples: 1, record: ["x"] })).toThrow(/the size N/);
  });
});
