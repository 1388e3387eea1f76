/** Whatever is wrong with what is given ends with one clear sentence, a non-zero status and nothing half-written. */
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { matWriter, npyFile, zipFile } from "../formats/fixtures.ts";
import { folder, nullcline } from "./command.ts";

const place = folder();
const json = (data: object) => JSON.stringify(data);
const network = (equations: string, parameters: object, more: object = {}) => json({ equations, parameters, ...more });

let count = 0;

/** No stack, no more than a sentence (and the text with its caret), and no file that was not there before. */
async function refused(args: string[], message: RegExp, limit?: number): Promise<void> {
  const cwd = join(place.path, `case-${++count}`);
  mkdirSync(cwd);
  const { status, stderr } = await nullcline(args, cwd, limit);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(4);
  expect(status).toBe(1);
  expect(readdirSync(cwd, { recursive: true }).filter((name) => name !== "runs")).toEqual([]);
}

describe.concurrent("a text that cannot be", () => {
  const J = { shape: ["N", "N"] };
  test.each<[string, string, RegExp]>([
    ["an unknown symbol", place.file("symbol.eq", "tau dx/dt = -x + sigm"), /symbol\.eq:1:18.*`sigm` is not defined[\s\S]*\^\^\^\^[\s\S]*--set sigm=VALUE/],
    ["an unknown symbol in JSON", place.file("symbol.json", network("tau dx/dt = -x + sigm r\nr = tanh(x)", { tau: { value: 1 }, sigma: { value: 1 } })), /`sigm` is not defined[\s\S]*did you mean `sigma`/],
    ["wrong shapes", place.file("shapes.json", network("tau dx/dt = -x + J r + B r\nr = tanh(x)", { tau: { value: 1 }, J, B: { shape: ["N", "M"] } })), /B \[N × M\] times r \[N\][\s\S]*needs as many columns as/],
    ["a cycle", place.file("cycle.json", network("h[t] = tanh(J h + b)", { J, b: { shape: ["N"] } })), /`h` depends on itself at the same sample[\s\S]*did you mean `h\[t-1\]`/],
    ["an open shape", place.file("open.json", network("tau dx/dt = -x + J tanh(x) + w\ntau dw/dt = -w + xi", { tau: { value: 1 }, J })), /the shape of `w` is open[\s\S]*declare it/],
    ["no text", place.file("empty.eq", "# nothing\n"), /the text has no equations/],
    ["no JSON", place.file("broken.json", '{ "equations": "x'), /broken\.json: no JSON/],
    ["a field that is none", place.file("field.json", network("dx/dt = -x", { tau: { valu: 3 } })), /`parameters\.tau` has no field `valu`.*did you mean `value`/],
    ["a law that is none", place.file("law.json", network("dx/dt = -J x", { J: { shape: ["N", "N"], init: { law: "gausian" } } })), /`parameters\.J\.init\.law` is "gausian"; expected .*gaussian/],
    ["a size that is none", place.file("size.json", network("dx/dt = -J x", { J: { ...J } }, { sizes: { N: 2.5 } })), /`sizes\.N` is 2\.5; expected a whole number above 0/],
    ["no equations", place.file("none.json", json({ parameters: {} })), /`equations` is missing/],
    ["a file that is not there", "../nowhere.json", /nowhere\.json: there is no such file/],
    ["a name that is none", "ratee", /no network `ratee`.*did you mean `rate`/],
  ])("%s", (_, file, message) => refused(["check", file], message)); // biome-ignore format: a table

  test("a missing parameter: a number, a size, an array", async () => {
    const file = place.file(
      "missing.json",
      network("tau dx/dt = -x + J tanh(x) + b", { tau: {}, J, b: { shape: ["N"] } }),
    );
    await refused(["simulate", file, "--set", "N=3"], /no value for the parameter `tau`; give it: --set tau=VALUE/);
    await refused(
      ["simulate", file, "--set", "tau=1"],
      /the size `N` of `.*missing\.json` has no number; set it: --set N=100/,
    );
    const arrays = place.file(
      "some.npz",
      zipFile([{ name: "W.npy", data: npyFile("'<f8'", "(2, 2)", new Uint8Array(32)) }]),
    );
    await refused(
      ["dissect", "--equations", file, "--set", "tau=1", "--parameters", arrays, "--map", "W=J"],
      /some\.npz: no values for `b`.*--map ARRAY=b/,
    );
  });
});

describe.concurrent("arrays that do not fit", () => {
  const two = place.file(
    "two.json",
    network("tau dx/dt = -x + M L tanh(x)", { tau: { value: 1 }, M: { shape: ["N", "R"] }, L: { shape: ["R", "N"] } }),
  );
  const array = (shape: number[]) =>
    npyFile("'<f8'", `(${shape.join(", ")},)`, new Uint8Array(8 * shape.reduce((a, b) => a * b)));
  const file = place.file("arrays.npz", zipFile([{ name: "m.npy", data: array([5, 2]) }, { name: "n.npy", data: array([5, 2]) }, { name: "o.npy", data: array([1, 2, 5]) }, { name: "p.npy", data: array([2, 4]) }])); // biome-ignore format: a table
  const dissect = (map: string) => ["dissect", "--equations", two, "--parameters", file, "--map", map];
  test.each<[string, string, RegExp]>([
    ["transposed", "m=M,n=L", /`n` \[5, 2\] does not fit `L`, which is \[R, N\]: R = 2 by `m` \[5, 2\]; transpose it: --map "n'=L"/],
    ["one axis too many", "m=M,o=L", /`o` \[1, 2, 5\] does not fit `L`, which is \[R, N\]; take its first entry: --map "o\[0\]=L"/],
    ["another size", "m=M,p=L", /`p` \[2, 4\] does not fit `L`.*N = 5 by `m` \[5, 2\]/],
    ["an array that is not there", "m=M,q=L", /no array "q".*one of m \[5, 2\]/],
    ["a parameter that is not there", "m=M,n'=K", /`n` is mapped to `K`, which is no parameter/],
    ["an index that is not there", "m=M,o[1]=L", /`o\[1\]` of an array of shape \[1, 2, 5\]; expected an index from 0 to 0/],
    ["no mapping", "m", /`m` in the mapping; expected ARRAY=PARAMETER/],
  ])("%s", (_, map, message) => refused(dissect(map), message)); // biome-ignore format: a table
});

describe.concurrent("a damaged file of arrays", () => {
  const rate = ["dissect", "--equations", "vanilla", "--parameters"];
  const npy = npyFile("'<f8'", "(2, 2)", new Uint8Array(32));
  const npz = zipFile([{ name: "J.npy", data: npy }]);
  const w = matWriter(true);
  const J = w.matrix(6, [2, 2], "J", [w.element(9, w.doubles([1, 2, 3, 4]))]);
  const mat = w.file([J]);
  const liar = w.file([w.matrix(6, [1 << 30, 1 << 30], "J", [w.element(9, w.doubles([1]))])]);
  test.each<[string, string, Uint8Array, RegExp]>([
    ["truncated .npz", "cut.npz", npz.subarray(0, npz.length - 30), /cut\.npz: damaged file/],
    ["mistyped .npz", "text.npz", new TextEncoder().encode("J = 1"), /text\.npz: not a \.npz file: it starts with "J = 1"/],
    ["oversized .npz", "huge.npz", zipFile([{ name: "J.npy", data: npy, size: 0xfffffff0 }]), /huge\.npz: damaged file: .* declares 4\.00 GiB/],
    [".npz with an absurd shape", "absurd.npz", zipFile([{ name: "J.npy", data: npyFile("'<f8'", "(100000, 100000000)", new Uint8Array(8)) }]), /absurd\.npz: .*declares/],
    [".npz with text in it", "strings.npz", zipFile([{ name: "J.npy", data: npyFile("'<U4'", "(1,)", new Uint8Array(16)) }]), /strings\.npz: "J" holds|no values for/],
    ["truncated .mat", "cut.mat", mat.subarray(0, mat.length - 16), /cut\.mat: damaged file/],
    ["mistyped .mat", "text.mat", new TextEncoder().encode("J = 1"), /text\.mat: /],
    ["oversized .mat", "huge.mat", liar, /huge\.mat: /],
  ])("%s", async (_, name, content, message) => refused([...rate, place.file(name, content)], message)); // biome-ignore format: a table

  test("the same for recordings", async () => {
    const data = (name: string) => ["run", "recordings", "--data", name, "--axes", "time,neuron", "--dt", "10ms"];
    await refused(data(place.file("cut2.npz", npz.subarray(0, npz.length - 30))), /cut2\.npz: damaged file/);
    await refused(data(place.file("text2.mat", new TextEncoder().encode("no"))), /text2\.mat: /);
  });
});

describe.concurrent("a command that asks for what is not there", () => {
  const own = place.file("own.mjs", "export default { name: 'own' };");
  const thrower = place.file("thrower.mjs", "throw new TypeError('not today');");
  test.each<[string, string[], RegExp]>([
    ["channels that do not match", ["train", "vanilla", "--task", "contextIntegration"], /task `contextIntegration` makes 4 inputs, the network's `u` has 3/],
    ["an unknown study", ["run", "contxt"], /no study `contxt`.*did you mean `context`/],
    ["an unknown key of a study", ["run", "flip-flop", "--set", "unitz=3"], /no setting `unitz`.*did you mean `units`/],
    ["a value of another kind", ["run", "flip-flop", "--set", "units=many"], /--set units=many; expected a number/],
    ["an unknown key of a network", ["simulate", "vanilla", "--set", "sgma=3"], /no parameter or size `sgma`/],
    ["an unknown task", ["train", "vanilla", "--task", "flipflop"], /unknown task `flipflop`.*did you mean `flipFlop`/],
    ["an unknown option of a task", ["train", "vanilla", "--task", "flipFlop", "--set", "task.bit=2"], /no option `bit`.*did you mean `bits`/],
    ["a module that is no task", ["train", "vanilla", "--task", own], /own\.mjs: task `own`: `description` is missing/],
    ["a module that throws", ["train", "vanilla", "--task", thrower], /thrower\.mjs: this module cannot be loaded \(TypeError: not today\)/],
    ["an unknown state", ["simulate", "vanilla", "--initial", "x=1"], /no state `x`; expected h/],
    ["an input of another width", ["simulate", "vanilla", "--input", "u=1,2"], /2 values for .*`u`.*3/],
    ["an unknown method", ["simulate", "vanilla", "--method", "magic"], /the method `magic`; expected euler/],
    ["a method that the text forbids", ["simulate", "vanilla", "--method", "rk4"], /the method `rk4` in a text of maps/],
    ["a seed that is none", ["simulate", "vanilla", "--seed", "-1"], /--seed -1; expected a whole number/],
    ["a folder that is no run", ["report", "."], /no folder of a run: it has no run\.json/],
    ["nothing to dissect", ["dissect"], /nothing to dissect/],
    ["nothing to train", ["train", "vanilla"], /no task named/],
    ["an unknown command", ["rn"], /unknown command 'rn'/],
    ["an unknown flag", ["list", "--jsn"], /unknown option '--jsn'/],
  ])("%s", (_, args, message) => refused(args, message)); // biome-ignore format: a table
});

describe.concurrent("a folder that cannot be", () => {
  const small = [
    "train",
    "vanilla",
    "--task",
    "flipFlop",
    "--iterations",
    "110",
    "--batch",
    "4",
    "--trials",
    "8",
    "--quiet",
    "--workers",
    "1",
  ];
  const simulate = ["simulate", "vanilla", "--quiet"];
  test("exists", () =>
    refused([...simulate, "--out", "."], /\.: this output folder exists.*choose another with --out/));
  test("stands below a file", () =>
    refused(
      [...simulate, "--out", join(place.file("plain.txt", ""), "run")],
      /plain\.txt.*a file stands where a folder should be/,
    ));
  test("on a file system that takes none", async ({ skip }) => {
    if (!existsSync("/proc/self")) skip("no /proc here");
    await refused([...simulate, "--out", "/proc/self/nullcline"], /\/proc\/self\/nullcline.*cannot be written/);
  });
  test("cannot be written", async ({ skip }) => {
    if (process.getuid?.() === 0) skip("root may write everywhere");
    const closed = folder();
    chmodSync(closed.path, 0o500);
    await refused([...simulate, "--out", join(closed.path, "run")], /no permission/);
  });
  test("a full disk, at the first file and at a later one", async () => {
    await refused([...small, "--out", "full"], /run\.json: cannot be written.*limit on the size of a file/, 0);
    await refused([...small, "--out", "full"], /cannot be written.*limit on the size of a file/, 3);
    await refused([...simulate, "--out", "full"], /cannot be written.*limit on the size of a file/, 8);
  });
});
