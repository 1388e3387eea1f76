/** Whether this engine compiles relaxed SIMD (fused multiply–add on vectors). */

/** A module of one function, `f32x4.relaxed_madd(0, 0, 0)`, byte by byte. */
const zero = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const body = [0x00, ...zero, ...zero, ...zero, 0xfd, 0x85, 0x02, 0x0b];
const probe = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // type: () -> v128
  ...[0x03, 0x02, 0x01, 0x00], // one function of it
  ...[0x0a, body.length + 2, 0x01, body.length, ...body],
]);

export function compilesRelaxedSimd(): boolean {
  return WebAssembly.validate(probe);
}
