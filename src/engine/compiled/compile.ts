/** Compiles a program into one SIMD WebAssembly module and the plan of its memory. */
import { NullclineError } from "../../base/errors.ts";
import type { Program } from "../../equations/program.ts";
import { blasInUse } from "../../host/blas.ts";
import type { Executable, ExecutableOptions } from "../executable.ts";
import { prepareProgram } from "../prepare.ts";
import { completeOptions, quantitiesOf } from "../quantities.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import { vector } from "../wasm/vector.ts";
import { arrange } from "./arrange.ts";
import { type Common, emitBlock } from "./block.ts";
import { instantiate } from "./instance.ts";
import type { BlockLayout, CompiledModule, Layout, RecordLayout } from "./layout.ts";
import { MOST_BYTES, tooLarge } from "./memory.ts";
import { placeNames } from "./names.ts";
import { fitReplays, type Replay, replaysOf } from "./replays.ts";
import { resolver } from "./resolve.ts";
import { Arena } from "./storage.ts";
import { systemImports, usesSystem } from "./systemProduct.ts";

export interface CompileOptions extends ExecutableOptions {
  /** One rounding for a multiplication and an addition, where the processor can: faster, and not the same bits on every
   *  machine. Needs a host with relaxed SIMD. Default false. */
  relaxed?: boolean;
  /** Most bytes of memory of an instance. What does not fit is computed again from checkpoints where that helps, which
   *  takes the time of one more forward pass and changes no bit. Default: the 4 GiB that WebAssembly can address. */
  memory?: number;
  /** The library of the system that products of large matrices go to (`useBlas`). Default: the one in use; "" for none. */
  blas?: string;
}

/**
 * An executable of `program`, compiled.
 *
 * A few trials (up to four in f32, three in f64; see `arrange.ts`) run with entries instead of trials in the lanes. Each
 * quantity of a trial has the same bits as in a larger batch; sums over entries or trials, gradients among them, are
 * added up in another order and equal only to rounding, and so are products that a batch leaves to a library (`blas`).
 * Without `relaxed` and a library, bits are the same on every machine either way.
 * @throws NullclineError where a size has no number, a name to record does not exist or more memory is needed than given.
 */
export async function compileProgram(program: Program, options: CompileOptions): Promise<Executable> {
  return instantiate(await compileModule(program, options));
}

/** The module and its plan, for instances in several workers. Throws as `compileProgram`. */
export async function compileModule(program: Program, options: CompileOptions): Promise<CompiledModule> {
  const { bytes, layout } = emitModule(program, options);
  try {
    return { wasm: await WebAssembly.compile(bytes), layout };
  } catch (error) {
    if (!options.relaxed) throw error;
    throw new NullclineError({
      code: "relaxed",
      given: "relaxed SIMD, which this host does not compile",
      remedy: "ask the host for it first (relaxedSimd), or set relaxed: false",
    });
  }
}

/**
 * The bytes of the module and its plan. Where all that its passes compute does not fit `memory`, they are run again in
 * stretches for their reverse (`replays.ts`), as long as fit.
 */
export function emitModule(
  program: Program,
  given: CompileOptions,
): { bytes: Uint8Array<ArrayBuffer>; layout: Layout } {
  const { relaxed = false, memory: limit = MOST_BYTES, blas = blasInUse()?.from ?? "", ...rest } = given;
  const options = completeOptions(program, rest);
  const prepared = prepareProgram(program, options.record);
  const whole = emitWith(prepared, [], { program, options, relaxed, blas });
  if (whole.layout.bytes <= Math.min(limit, MOST_BYTES)) return whole;
  const { sizes, samples, record } = options;
  const facts = { ...whole.layout, samples, slots: whole.slots, sizes };
  const fitted = fitReplays(prepared, replaysOf(prepared, record), facts, Math.min(limit, MOST_BYTES));
  if ("least" in fitted) throw tooLarge(fitted.least, limit, options);
  const result = emitWith(prepared, fitted.replays, { program, options, relaxed, blas });
  if (result.layout.bytes > MOST_BYTES) throw tooLarge(result.layout.bytes, limit, options);
  return result;
}

interface About {
  program: Program;
  options: Required<ExecutableOptions>;
  relaxed: boolean;
  blas: string;
}

function emitWith(prepared: Program, replays: Replay[], { program, options, relaxed, blas }: About) {
  const { sizes, trials, samples, precision } = options;
  const module = new ModuleBuilder({ relaxed, ...(blas !== "" && { imports: systemImports }) });
  const v = vector(precision, relaxed);
  const arrangement = arrange(prepared, trials, v, sizes);
  const arena = new Arena();
  const maskAddress = arrangement.lanes === trials ? undefined : arena.allocate(arrangement.lanes * v.bytes);
  const names = placeNames(prepared, arena, { sizes, samples, record: options.record, arrangement, replays });

  const common: Common = {
    emission: {
      module,
      v,
      arrangement,
      rowBytes: arrangement.lanes * v.bytes,
      maskAddress,
      resolve: resolver(sizes),
    },
    sizes,
    samples,
    arena,
    names,
    sources: Object.keys(program.noises),
    brought: { addresses: new Map(), packed: new Map() },
  };
  const emitted = prepared.blocks.map((block, index): { layout: BlockLayout; slots: number } => {
    if (block.kind !== "update") return emitBlock(common, block, index);
    const uniforms = [...block.definitions, ...block.sums].map(({ node }) => ({ node }));
    const sums = block.sums.map(({ name, shape, node }) => ({ name, shape, kind: "host" as const, node }));
    return { layout: { uniforms, packs: [], definitions: block.definitions, clear: [], sums }, slots: 1 };
  });

  const records: Record<string, RecordLayout> = {};
  for (const [name, { level, shape }] of quantitiesOf(prepared)) {
    if (!options.record.includes(name)) continue;
    const history = names.histories.get(name);
    const address = history?.base ?? names.trialAddresses.get(name) ?? 0;
    records[name] = { level, shape, address, stride: history?.stride ?? 0 };
  }
  const layout: Layout = {
    program,
    options,
    relaxed,
    ...(usesSystem(module) && { blas }),
    arrangement,
    bytes: arena.bytes,
    stretches: replays.map(({ every }) => every),
    maskAddress,
    inputs: names.inputs,
    blocks: emitted.map((block) => block.layout),
    records,
  };
  return { bytes: module.finish(), layout, slots: emitted.map(({ slots }) => slots) };
}
