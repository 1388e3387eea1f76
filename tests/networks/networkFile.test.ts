import { describe, expect, test } from "vitest";
import { modelOf } from "../../src/equations/model.ts";
import * as networks from "../../src/networks/index.ts";
import { networkOf, networkOfText, parseNetworkJson } from "../../src/networks/networkFile.ts";
import { cells } from "../equations/cells.ts";

test("every network goes to JSON and back", () => {
  for (const network of [...cells, ...Object.values(networks)])
    expect(parseNetworkJson(JSON.stringify(network), "it")).toEqual(JSON.parse(JSON.stringify(network)));
});

test("equations may be a list of lines", () => {
  expect(networkOf({ equations: ["dx/dt = -x", "z = x"], parameters: {} }, "it").equations).toBe("dx/dt = -x\nz = x");
});

test.each<[string, unknown, RegExp]>([
  ["no object", 3, /it: 3 in place of a network; expected an object/],
  ["no parameters", { equations: "dx/dt = -x" }, /`parameters` is missing/],
  ["a field that is none", { equations: "", parameters: {}, output: ["z"] }, /a network has no field `output`.*did you mean `outputs`\?/],
  ["a shape of text", { equations: "", parameters: { J: { shape: "N" } } }, /`parameters\.J\.shape` is "N"; expected a list of sizes/],
  ["a size below one", { equations: "", parameters: { J: { shape: ["N", 0] } } }, /`parameters\.J\.shape\[1\]` is 0; expected the name of a size/],
  ["a value of text", { equations: "", parameters: { J: { value: "big" } } }, /`parameters\.J\.value` is "big"; expected a finite number/],
  ["a tag that is none", { equations: "", parameters: { J: { tag: "frozen" } } }, /`parameters\.J\.tag` is "frozen"; expected "free", "pinned"/],
  ["a law without its numbers", { equations: "", parameters: { J: { init: { law: "uniform", low: 0 } } } }, /`parameters\.J\.init\.high` is missing/],
  ["an input of text", { equations: "", parameters: {}, inputs: { u: ["I"] } }, /`inputs\.u` is \["I"\]; expected an object \{ shape, per \}/],
  ["a surrogate that is none", { equations: "", parameters: {}, surrogates: { s: { kind: "box", gain: 1, width: 1 } } }, /`surrogates\.s\.kind` is "box"; expected triangle/],
  ["a negative dt", { equations: "", parameters: {}, dt: -1 }, /`dt` is -1; expected a number above 0/],
])("%s", (_, value, message) => {
  expect(() => networkOf(value, "it")).toThrow(message);
}); // biome-ignore format: a table

describe("a plain text", () => {
  test("shapes are of parameters, of states that the text leaves open, and of u", () => {
    const data = networkOfText("tau dx/dt = -x + J tanh(x) + w + B u\ntau dw/dt = -w", "it", {
      shapes: { J: ["N", "N"], w: ["N"], B: ["N", 2], u: [2] },
      values: { tau: 10 },
    });
    expect(data.parameters).toEqual({ J: { shape: ["N", "N"] }, B: { shape: ["N", 2] }, tau: { value: 10 } });
    expect([data.states, data.inputs]).toEqual([{ w: { shape: ["N"] } }, { u: { shape: [2] } }]);
    expect(modelOf(data).states.map((s) => s.name)).toEqual(["x", "w"]);
  });
  test("a name that nothing declares is told with how to declare it", () => {
    expect(() => networkOfText("dx/dt = -g x", "it", {})).toThrow(/it:1:10 .*`g` is not defined[\s\S]*--set g=VALUE/);
  });
});
