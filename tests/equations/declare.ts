/** Networks for tests in one line: a text, and its table as words like `tau=10 J[N,N] b[N]`. */
import type { NetworkData, ParameterData } from "../../src/equations/network.ts";

export function declare(equations: string, table = "", rest: Partial<NetworkData> = {}): NetworkData {
  const parameters: Record<string, ParameterData> = {};
  for (const word of table.split(" ").filter(Boolean)) {
    const [, name, inner, value] = /^(\w+)(?:\[([^\]]*)\])?(?:=(.*))?$/.exec(word)!;
    parameters[name!] = {
      ...(inner === undefined ? {} : { shape: inner.split(",").map((d) => (/^\d+$/.test(d) ? Number(d) : d)) }),
      ...(value === undefined ? {} : { value: Number(value) }),
    };
  }
  return { equations, parameters, ...rest };
}
