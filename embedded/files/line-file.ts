import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** How many bytes wait for room at most; beyond it the newest are let go, and counted. */
const MAX_WAITING = 4 * 1024 * 1024;

/**
 * A file of JSON texts, one a line, to which one process appends: a book of what happened, not a store.
 *
 * Appending never fails. What finds no room, or a folder that is gone for a moment, waits in memory and is written
 * before whatever comes after it, so that the order holds and no line is cut in the middle of the file.
 */
export class LineFile {
  readonly #path: string;
  readonly #maxWaiting: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #dropped = 0;

  constructor(path: string, maxWaiting = MAX_WAITING) {
    this.#path = path;
    this.#maxWaiting = maxWaiting;
  }

  /** How many lines were let go because too many were waiting. */
  get dropped(): number {
    return this.#dropped;
  }

  append(line: object): void {
    const text = `${JSON.stringify(line)}\n`;
    if (this.#waitingBytes + text.length > this.#maxWaiting) this.#dropped += 1;
    else {
      this.#waiting.push(text);
      this.#waitingBytes += text.length;
    }
    this.flush();
  }

  /** Writes what waits. Called by `append`; by itself where nothing may come after for long. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    if (!appendWhole(this.#path, this.#waiting.join(''))) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** Appends all of a text, or none of it: a disk may fill up in the middle of a line. */
function appendWhole(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, 'a', 0o600);
    try {
      return writeWhole(file, Buffer.from(text));
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

function writeWhole(file: number, bytes: Buffer): boolean {
  const { size } = fstatSync(file);
  try {
    let written = 0;
    while (written < bytes.length) written += writeSync(file, bytes, written);
    return true;
  } catch {
    ftruncateSync(file, size);
    return false;
  }
}
