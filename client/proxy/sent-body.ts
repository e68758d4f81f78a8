import { Transform, type Readable, type TransformCallback, type Writable } from 'node:stream';
import { LockstepError } from '../../lambdas/core/errors.ts';

/** Longer bodies are sent once: they pass through, and are kept nowhere. */
const KEPT_BYTES = 256 * 1024;
/** What is read before it is signed has to fit into memory, with those of others. */
const WHOLE_BYTES = 8 * 1024 * 1024;

/** The body of a request on its way. Streamed; remembered while it is short, so that it could be sent again. */
export class SentBody {
  readonly #from: Readable;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isKept = true;
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

  /** Reads all of it. Throws `NOT_SUPPORTED` where it is too long. */
  async whole(): Promise<Buffer> {
    if (!this.#hasEnded) {
      for await (const chunk of this.#from) {
        this.#keep(Buffer.from(chunk as Uint8Array), WHOLE_BYTES);
        if (!this.#isKept)
          throw new LockstepError(
            'NOT_SUPPORTED',
            `a body of more than ${WHOLE_BYTES} bytes cannot be signed here unless the client says its digest in x-amz-content-sha256`,
          );
      }
      this.#hasEnded = true;
    }
    return Buffer.concat(this.#chunks);
  }

  /** Sends it: as it comes in the first time, from memory afterwards. Ends `to`. */
  sendTo(to: Writable): void {
    if (this.#hasEnded) {
      to.end(Buffer.concat(this.#chunks));
      return;
    }
    // A failure of either side ends at its own listener. `pipeline` would destroy the client's side with the target's.
    this.#from.pipe(this.#remembering()).pipe(to);
  }

  #remembering(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) => {
        this.#keep(chunk, KEPT_BYTES);
        done(null, chunk);
      },
      flush: (done: TransformCallback) => {
        this.#hasEnded = true;
        done();
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
