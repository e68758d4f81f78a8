import { createHash, type Hash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { pump } from './pump.ts';

/** Longer bodies are sent once: they pass through, and are kept nowhere. */
const KEPT_BYTES = 256 * 1024;
/** What is read before it is signed has to fit into memory, with those of others. */
const READ_BYTES = 8 * 1024 * 1024;

/** What is known of a body once it was read: what a signature and a head say of it. */
export interface ReadBody {
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** The body of a request on its way. Streamed; remembered while it is short, so that it could be sent again. */
export class SentBody {
  readonly #from: Readable;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isKept = true;
  #read: ReadBody | undefined;
  #hasEnded: boolean;

  /** `isEmpty` where the head says that there is none. */
  constructor(from: Readable, isEmpty: boolean) {
    this.#from = from;
    this.#hasEnded = isEmpty;
  }

  /** Whether all of it is here to be sent once more. */
  get canBeSentAgain(): boolean {
    return this.#hasEnded && this.#isKept;
  }

  /** Reads all of it, and hashes it as it comes. Throws `NOT_SUPPORTED` where it is too long. */
  async read(): Promise<ReadBody> {
    if (this.#read) return this.#read;
    const hash = createHash('sha256');
    for (const chunk of this.#chunks) hash.update(chunk);
    if (!this.#hasEnded) await this.#readTheRest(hash);
    this.#read = { bytes: this.#bytes, sha256: hash.digest('hex') };
    return this.#read;
  }

  async #readTheRest(hash: Hash): Promise<void> {
    for await (const chunk of this.#from as AsyncIterable<Buffer>) {
      this.#keep(chunk, READ_BYTES);
      if (!this.#isKept)
        throw new LockstepError(
          'NOT_SUPPORTED',
          `a body of more than ${READ_BYTES} bytes cannot be signed here unless the client says its digest in x-amz-content-sha256`,
        );
      hash.update(chunk);
    }
    this.#hasEnded = true;
  }

  /** Sends it: as it comes in the first time, from memory afterwards. Ends `to`. */
  sendTo(to: Writable): void {
    if (!this.#hasEnded) return this.#sendAsItComes(to);
    to.cork();
    for (const chunk of this.#chunks) to.write(chunk);
    to.end();
  }

  /** A failure of either side ends at its own listener: the client's side is not ended with the target's. */
  #sendAsItComes(to: Writable): void {
    pump(this.#from, to, {
      next: (chunk) => {
        this.#keep(chunk, KEPT_BYTES);
        return chunk;
      },
      rest: () => {
        this.#hasEnded = true;
        return Buffer.alloc(0);
      },
    });
  }

  #keep(chunk: Buffer, limit: number): void {
    this.#bytes += chunk.length;
    this.#isKept &&= this.#bytes <= limit;
    if (this.#isKept) this.#chunks.push(chunk);
    else this.#chunks = [];
  }
}
