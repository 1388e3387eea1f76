/** Units have no order, and trials no neighbours: over the whole catalogue. */
import { describe, test } from "vitest";
import type { NetworkData } from "../../src/equations/network.ts";
import * as networks from "../../src/networks/index.ts";
import { caseOf, checkPermutation, checkTogether } from "./properties.ts";

const catalogue: [string, NetworkData][] = Object.entries(networks);

const inN = catalogue.filter(([, data]) => Object.values(data.parameters).some((p) => p.shape?.includes("N")));
describe.each(inN)("%s", (_, data) => {
  test("units in another order, with their noise, do the same over 50 samples", () => checkPermutation(caseOf(data)));
});

test.each(catalogue)("%s: the same seed gives the same bits, however trials are put together", (_, data) =>
  checkTogether(caseOf(data)),
);
