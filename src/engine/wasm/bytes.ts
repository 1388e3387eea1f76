/** A byte buffer that grows, with the encodings of the WebAssembly binary format. */
export class Bytes {
  private data = new Uint8Array(256);
  private view = new DataView(this.data.buffer);
  length = 0;

  private reserve(more: number): void {
    if (this.length + more <= this.data.length) return;
    const grown = new Uint8Array(Math.max(2 * this.data.length, this.length + more));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
    this.view = new DataView(grown.buffer);
  }

  u8(value: number): void {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    if (rest < 0x80) {
      this.u8(rest);
      return;
    }
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  /** Signed LEB128 of the 32 bits of `value` (so 0xffffffff is -1). */
  signed(value: number): void {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.u8(rest & 0x7f);
  }

  /** Signed LEB128 of the low 64 bits of `value`. */
  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -0x40n || rest > 0x3fn) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.u8(Number(rest & 0x7fn));
  }

  f32(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** The length of a name in UTF-8 and its bytes. */
  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.unsigned(encoded.length);
    this.append(encoded);
  }

  append(bytes: Uint8Array | Bytes): void {
    const from = bytes instanceof Bytes ? bytes.view8() : bytes;
    this.reserve(from.length);
    this.data.set(from, this.length);
    this.length += from.length;
  }

  /** Writes the bytes from `from` on once more. */
  repeat(from: number): void {
    const length = this.length - from;
    this.reserve(length);
    this.data.copyWithin(this.length, from, this.length);
    this.length += length;
  }

  /** `bytes` preceded by its length, as sections and bodies are written. */
  sized(bytes: Bytes): void {
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  /** The bytes so far, without a copy: valid until the next write. */
  view8(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }
}
