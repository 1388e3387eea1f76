/** `--blas`: what a run records, and a library that is none. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useBlas } from "../../src/host/blas.ts";
import { folder, nullcline, root } from "./command.ts";

const place = folder();
const installed = useBlas("auto")?.description;
useBlas("off");
const simulate = (out: string, ...args: string[]) =>
  nullcline(
    ["simulate", join(root, "examples/lorenz.eq"), "--set", "sigma=10", "--set", "rho=28", "--set", "beta=2"].concat(
      ...["--initial", "x=1", "--duration", "1", "--quiet", "--out", out],
      args,
    ),
    place.path,
  );
const recorded = (out: string) => JSON.parse(readFileSync(join(place.path, out, "run.json"), "utf8")).blas;

test("a run records the library that was used, or none", async () => {
  expect(await simulate("off", "--blas", "off")).toMatchObject({ status: 0, stderr: "" });
  expect(recorded("off")).toBeUndefined();
  expect(await simulate("auto")).toMatchObject({ status: 0, stderr: "" });
  expect(recorded("auto")).toBe(installed);
});

test("a library that cannot be used ends the command with a sentence", async () => {
  const { status, stderr } = await simulate("none", "--blas", "/nowhere/libblas.so");
  expect(status).toBe(1);
  expect(stderr).toMatch(/\/nowhere\/libblas\.so.*no library of linear algebra[\s\S]*--blas off/);
  expect(stderr).not.toMatch(/\n\s+at /);
});
