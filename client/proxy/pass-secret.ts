import { createHash, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../../lambdas/core/ports/ids.ts';
import { Secret } from '../../lambdas/core/secret.ts';

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What a client of the proxy shows: 256 random bits that are no key of anything. */
export class PassSecret {
  readonly value: Secret;
  readonly #digest: Buffer;

  constructor(randomBytes: RandomBytes) {
    this.value = new Secret(Buffer.from(randomBytes(32)).toString('base64url'));
    this.#digest = digestOf(this.value.reveal());
  }

  /** Whether that is it. Takes as long for any. */
  is(given: string): boolean {
    return timingSafeEqual(digestOf(given), this.#digest);
  }
}
