/** The compiled engine: program in, SIMD WebAssembly out. */
export { type CompileOptions, compileModule, compileProgram, emitModule } from "./compile.ts";
export { instantiate } from "./instance.ts";
export type { CompiledModule, Layout } from "./layout.ts";
