/**
 * What the project needs from the machine it runs on, one implementation for Node and one for the browser.
 * Nothing else imports `node:`.
 */
export interface Storage {
  read(path: string): Promise<Uint8Array>;
  /** Part of a file; shorter at its end. */
  readRange(path: string, from: number, length: number): Promise<Uint8Array>;
  /** All or nothing: written to a temporary name, synced, renamed. */
  write(path: string, data: Uint8Array | string): Promise<void>;
  /** Adds to the end of a file, synced. */
  append(path: string, data: string): Promise<void>;
  /** Cuts a file to its first `length` bytes. */
  truncate(path: string, length: number): Promise<void>;
  list(path: string): Promise<string[]>;
  exists(path: string): Promise<boolean>;
  size(path: string): Promise<number>;
  makeFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export interface Terminal {
  isInteractive: boolean;
  columns: number;
  /** Replaces the current line where interactive. */
  status(line: string): void;
  line(text: string): void;
  error(text: string): void;
}

/** A worker thread that answers one message with one message. */
export interface Worker {
  call<Reply>(message: unknown, transfer?: ArrayBuffer[]): Promise<Reply>;
  close(): void;
}

export interface Host {
  /** E.g. `Node 20.20.2` and the processor's name, for the record of a run. */
  describe(): { runtime: string; processor: string; cores: number };
  storage: Storage;
  terminal: Terminal;
  /** Milliseconds, monotonic; and CPU time of this process where the host knows it. */
  now(): number;
  cpuTime(): number | undefined;
  /** Whether relaxed SIMD can be compiled; switches it on where it sits behind a flag. */
  relaxedSimd(): boolean;
  /** Starts a worker of `src/engine/worker`, or answers `undefined` where there are none. */
  startWorker(): Worker | undefined;
  /** Calls back once when the user interrupts (Ctrl-C); the result undoes it. */
  onInterrupt(callback: () => void): () => void;
}
