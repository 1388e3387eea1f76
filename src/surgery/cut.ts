/** A mask on a parameter or on a matrix made of parameters: what it takes away stays away in training. */
import type { Dim } from "../equations/graph.ts";
import { schedule } from "../equations/schedule.ts";
import { inferShapes } from "../equations/shapes.ts";
import { Text } from "../equations/text.ts";
import type { Network } from "../networks/network.ts";
import { mended, refuse } from "./mend.ts";

/** A network's text with the shapes of all that it defines. */
export function readText(network: Network): Text {
  const text = new Text(network.data);
  schedule(text);
  inferShapes(text);
  return text;
}

/** Shape of a parameter, or of a quantity made of parameters alone; undefined where `name` is neither. */
export function weightShape(text: Text, name: string): readonly Dim[] | undefined {
  const parameter = text.parameter(name);
  if (parameter) return parameter.shape ?? [];
  const quantity = text.quantities.get(name);
  return quantity?.level === "update" ? quantity.shape : undefined;
}

/** Whether a weight is a parameter `J_K` under a mask `J_S` already. */
export function isMasked({ data, parameters }: Network, name: string): boolean {
  const [S, K] = [`${name}_S`, `${name}_K`];
  if (parameters[name] || !parameters[S] || !parameters[K]) return false;
  return new RegExp(`(?:^|[\\n;])\\s*${name}\\s*=\\s*\\(?\\s*${S}\\s*\\*\\s*${K}\\s*\\)?\\s*(?:$|[\\n;])`).test(
    data.equations,
  );
}

/**
 * The network with `J = J_S * J_K`: J_K what J was, J_S a pinned mask of 0 and 1. Where J has such a line already, the two
 * masks become one. Parameters are set to 0 too where the mask is.
 * @param mask row-major
 */
export function cut(network: Network, name: string, mask: Float64Array): Network {
  const text = readText(network);
  const shape = weightShape(text, name);
  if (!shape || shape.length === 0) refuse(`no weight \`${name}\``, "a matrix or vector of parameters");
  const { data, parameters } = network;
  const [S, K] = [`${name}_S`, `${name}_K`];
  const own = parameters[name];
  const zeroed = (values: Float64Array): Float64Array => values.map((w, k) => (mask[k] === 0 ? 0 : w));
  if (isMasked(network, name)) {
    const both = zeroed(parameters[S]!.values.data);
    const table = { ...data.parameters, [S]: { ...data.parameters[S]!, value: [...both] } };
    return mended(network, { ...data, parameters: table }, { [S]: both, [K]: zeroed(parameters[K]!.values.data) });
  }
  const taken = (s: string): boolean => text.parameter(s) !== undefined || text.quantities.has(s) || text.sizes.has(s);
  let more = "";
  while (taken(S + more) || taken(K + more)) more = more === "" ? "2" : `${Number(more) + 1}`;
  const [mine, full] = [S + more, K + more];
  const { [name]: table, ...rest } = data.parameters;
  const line = new RegExp(`(^|[\\n;])(\\s*)${name}(\\s*=)`);
  const equations = `${name} = ${mine} * ${full}\n${own ? data.equations : data.equations.replace(line, `$1$2${full}$3`)}`;
  const made = mended(
    network,
    {
      ...data,
      equations,
      parameters: {
        ...rest,
        ...(table && { [full]: table }),
        [mine]: { shape: [...shape!], value: [...mask], tag: "pinned" },
      },
    },
    own ? { [full]: zeroed(own.values.data) } : {},
  );
  // The tag as it is in the network, where it was changed there.
  if (own) made.parameters[full] = { ...made.parameters[full]!, tag: own.tag };
  return made;
}
