/**
 * Writes WebAssembly modules. Expressions are composed as fragments and pushed into the function being written:
 *
 *     const m = new ModuleBuilder({ memory: { initial: 1 }, relaxed: false });
 *     const square = m.function("square", ["v128"], ["v128"], (f, x) => f.push(op("f32x4.mul", x, x)));
 *     m.function("squares", ["i32", "i32"], [], (f, from, count) => {
 *       const p = f.local("i32");                              // index and type; zero at the start
 *       const end = f.local("i32", i32.add(from, i32.mul(count, 4)));   // with an initial value
 *       f.for(p, from, end, 16, () => {                        // p = from; while p < end (unsigned): …; p += 16
 *         const x = f.local("v128", load("v128.load", p));     // a new local for each call of `local`
 *         f.store("v128.store", p, call(square, x), 0);        // address, value, constant offset
 *       });
 *     }, { export: true });
 *     new WebAssembly.Instance(new WebAssembly.Module(m.finish()), { env: { memory } });
 *
 * An operand is a local, a fragment (which pushes its value when the function is written, each time it is used, so a
 * value needed twice goes into a local) or a number, which is an i32 constant. Constants of other types: `f32x4(1)`.
 * Functions may be declared while another one is being written. `m.once(key, make)` declares a function once per module.
 */
import { Bytes } from "./bytes.ts";
import { call, type FunctionRef, i32, type Label, type Local, type Operand, op, type Type, tee } from "./fragments.ts";
import { INSTRUCTIONS, type Instruction, MEMORY_INSTRUCTIONS, type MemoryInstruction } from "./instructions.ts";

export * from "./fragments.ts";

const TYPE_CODE: Record<Type, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const EMPTY_BLOCK = 0x40;

/** Writes the body of one function. */
export class FunctionBuilder {
  readonly module: ModuleBuilder;
  readonly params: readonly Local[];
  private readonly locals: Type[] = [];
  private readonly scopes: Local[][] = [];
  private readonly free: Record<Type, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  private readonly code = new Bytes();
  private depth = 0;

  constructor(module: ModuleBuilder, params: readonly Type[]) {
    this.module = module;
    this.params = params.map((type, index) => ({ index, type }));
  }

  /** A new local; with `value`, set here. */
  local(type: Type, value?: Operand): Local {
    const scope = this.scopes.at(-1);
    const index = scope ? this.free[type].pop() : undefined;
    const local: Local = { index: index ?? this.params.length + this.locals.length, type };
    if (index === undefined) this.locals.push(type);
    scope?.push(local);
    if (value !== undefined) this.set(local, value);
    return local;
  }

  /** Locals made in `body` may be reused by later scopes: they hold anything at first, and nothing afterwards. */
  scope(body: () => void): void {
    this.scopes.push([]);
    body();
    for (const local of this.scopes.pop()!) this.free[local.type].push(local.index);
  }

  /** The code of `body`, so many times in a row: written once and copied. */
  repeat(times: number, body: () => void): void {
    const from = this.code.length;
    body();
    const length = this.code.length - from;
    for (let k = 1; k < times; k++) this.code.repeat(from + (k - 1) * length);
  }

  push(operand: Operand): this {
    if (typeof operand === "number") {
      this.code.u8(0x41);
      this.code.signed(operand);
    } else if (typeof operand === "function") operand(this);
    else {
      this.code.u8(0x20);
      this.code.unsigned(operand.index);
    }
    return this;
  }

  set(local: Local, value: Operand): void {
    this.push(value).byte(0x21).index(local.index);
  }

  store(name: MemoryInstruction, address: Operand, value: Operand, offset = 0): void {
    this.push(address).push(value).memory(name, offset);
  }

  /** Pushes the operands of a call and calls; results, if any, stay on the stack. */
  call(target: FunctionRef, ...operands: Operand[]): void {
    this.push(call(target, ...operands));
  }

  /** `br(label)` inside leaves the block. */
  block(body: (label: Label) => void): void {
    this.nest(0x02, EMPTY_BLOCK, body);
  }

  /** `br(label)` inside starts the loop again. */
  loop(body: (label: Label) => void): void {
    this.nest(0x03, EMPTY_BLOCK, body);
  }

  br(label: Label, condition?: Operand): void {
    if (condition !== undefined) this.push(condition);
    this.byte(condition === undefined ? 0x0c : 0x0d).index(this.depth - label.depth);
  }

  /** With a `type`, both branches leave one value of it. */
  if(condition: Operand, then: () => void, otherwise?: () => void, type?: Type): void {
    this.push(condition);
    this.code.u8(0x04);
    this.code.u8(type === undefined ? EMPTY_BLOCK : TYPE_CODE[type]);
    this.depth++;
    then();
    if (otherwise) {
      this.code.u8(0x05);
      otherwise();
    }
    this.depth--;
    this.code.u8(0x0b);
  }

  /** `counter` from `from` while below `to` (unsigned), by a constant `step`. */
  for(counter: Local, from: Operand, to: Operand, step: number, body: () => void): void {
    this.set(counter, from);
    const bothKnown = typeof from === "number" && typeof to === "number";
    if (bothKnown && from >= to) return;
    const once = bothKnown && from + step >= to;
    const repeat = () =>
      this.loop((again) => {
        body();
        this.br(again, op("i32.lt_u", tee(counter, i32.add(counter, step)), to));
      });
    if (once) body();
    else if (bothKnown) repeat();
    else
      this.block((done) => {
        this.br(done, op("i32.ge_u", counter, to));
        repeat();
      });
  }

  return(value?: Operand): void {
    if (value !== undefined) this.push(value);
    this.emit("return");
  }

  emit(name: Instruction): this {
    return this.opcode(INSTRUCTIONS[name]);
  }

  memory(name: MemoryInstruction, offset: number, laneIndex?: number): this {
    const [code, align] = MEMORY_INSTRUCTIONS[name];
    this.opcode(code);
    this.code.unsigned(align);
    this.code.unsigned(offset);
    if (laneIndex !== undefined) this.code.u8(laneIndex);
    return this;
  }

  /** Raw bytes of the encoding, for instructions with immediates. */
  opcode(code: number): this {
    if (code < 0x100) this.code.u8(code);
    else {
      this.code.u8(code >>> 16);
      this.code.unsigned(code & 0xffff);
    }
    return this;
  }
  byte(value: number): this {
    this.code.u8(value);
    return this;
  }
  index(value: number): this {
    this.code.unsigned(value);
    return this;
  }
  word(value: number): this {
    this.code.u32(value);
    return this;
  }
  float32(value: number): this {
    this.code.f32(value);
    return this;
  }
  float64(value: number): this {
    this.code.f64(value);
    return this;
  }
  constant64(value: bigint): void {
    this.code.u8(0x42);
    this.code.signed64(value);
  }

  private nest(code: number, type: number, body: (label: Label) => void): void {
    this.code.u8(code);
    this.code.u8(type);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    this.code.u8(0x0b);
  }

  /** Locals and code, as the code section holds them. */
  finish(): Bytes {
    const runs: [number, Type][] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const out = new Bytes();
    out.unsigned(runs.length);
    for (const [count, type] of runs) {
      out.unsigned(count);
      out.u8(TYPE_CODE[type]);
    }
    out.append(this.code);
    out.u8(0x0b);
    return out;
  }
}

export interface ModuleOptions {
  /** The imported memory `env.memory`, in pages of 64 KiB; `shared` needs a `maximum`. Default: one page, not shared. */
  memory?: { initial: number; maximum?: number; shared?: boolean };
  /** Functions imported from `env` by name: `imported(name)` refers to them. */
  imports?: Record<string, { params: readonly Type[]; results: readonly Type[] }>;
  /** Whether multiply-add is one relaxed SIMD instruction (one rounding where the processor has it). Default false. */
  relaxed?: boolean;
}

export class ModuleBuilder {
  readonly relaxed: boolean;
  private readonly memory: NonNullable<ModuleOptions["memory"]>;
  private readonly types = new Map<string, { index: number; params: readonly Type[]; results: readonly Type[] }>();
  private readonly imports = new Map<string, FunctionRef>();
  private readonly asked = new Set<string>();
  private readonly functions: { type: number; body: Bytes }[] = [];
  private readonly exports = new Map<string, FunctionRef>();
  private readonly made = new Map<string, FunctionRef>();

  constructor(options: ModuleOptions = {}) {
    this.memory = options.memory ?? { initial: 1 };
    this.relaxed = options.relaxed ?? false;
    for (const [name, { params, results }] of Object.entries(options.imports ?? {}))
      this.imports.set(name, { index: this.imports.size, params, results });
  }

  /** An imported function; `undefined` where the module imports none of this name. */
  imported(name: string): FunctionRef | undefined {
    this.asked.add(name);
    return this.imports.get(name);
  }

  /** Whether an import of this name has been referred to. */
  uses(name: string): boolean {
    return this.imports.has(name) && this.asked.has(name);
  }

  /** Declares and writes a function; `export: true` exports it under its name. */
  function(
    name: string,
    params: readonly Type[],
    results: readonly Type[],
    body: (f: FunctionBuilder, ...params: Local[]) => void,
    options: { export?: boolean } = {},
  ): FunctionRef {
    const index = this.imports.size + this.functions.length;
    const entry = {
      type: this.type(params, results),
      body: new Bytes(),
      exportedAs: options.export ? name : undefined,
    };
    this.functions.push(entry);
    const f = new FunctionBuilder(this, params);
    body(f, ...f.params);
    entry.body = f.finish();
    const made = { index, params, results };
    if (options.export) this.export(name, made);
    return made;
  }

  /** What `make` declared the first time that this module was asked for `key`. */
  once(key: string, make: () => FunctionRef): FunctionRef {
    let made = this.made.get(key);
    if (!made) this.made.set(key, (made = make()));
    return made;
  }

  /** Exports a function, e.g. one made by `once`; under several names if need be. */
  export(name: string, target: FunctionRef): void {
    this.exports.set(name, target);
  }

  private type(params: readonly Type[], results: readonly Type[]): number {
    const key = `${params.join()}>${results.join()}`;
    let type = this.types.get(key);
    if (!type) this.types.set(key, (type = { index: this.types.size, params, results }));
    return type.index;
  }

  /** The binary module. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.u32(0x6d736100);
    out.u32(1);
    const imports = [...this.imports].map(([name, { params, results }]) => ({
      name,
      type: this.type(params, results),
    }));
    const section = (id: number, write: (s: Bytes) => void) => {
      const s = new Bytes();
      write(s);
      out.u8(id);
      out.sized(s);
    };
    section(1, (s) => {
      s.unsigned(this.types.size);
      for (const { params, results } of this.types.values()) {
        s.u8(0x60);
        for (const list of [params, results]) {
          s.unsigned(list.length);
          for (const type of list) s.u8(TYPE_CODE[type]);
        }
      }
    });
    section(2, (s) => {
      const { initial, maximum, shared } = this.memory;
      s.unsigned(1 + imports.length);
      for (const { name, type } of imports) {
        s.name("env");
        s.name(name);
        s.u8(0);
        s.unsigned(type);
      }
      s.name("env");
      s.name("memory");
      s.u8(2);
      s.u8((maximum === undefined ? 0 : 1) + (shared ? 2 : 0));
      s.unsigned(initial);
      if (maximum !== undefined) s.unsigned(maximum);
    });
    section(3, (s) => {
      s.unsigned(this.functions.length);
      for (const { type } of this.functions) s.unsigned(type);
    });
    section(7, (s) => {
      s.unsigned(this.exports.size);
      for (const [name, { index }] of this.exports) {
        s.name(name);
        s.u8(0);
        s.unsigned(index);
      }
    });
    section(10, (s) => {
      s.unsigned(this.functions.length);
      for (const { body } of this.functions) s.sized(body);
    });
    return out.view8().slice();
  }
}
