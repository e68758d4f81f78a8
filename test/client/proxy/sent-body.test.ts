import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable, PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentBody } from '../../../client/proxy/sent-body.ts';

const KIB = 1024;

const comingIn = (chunks: readonly Uint8Array[]): Readable =>
  Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

/** What a target gets of it. */
async function sent(body: SentBody): Promise<Buffer> {
  const to = new PassThrough({ highWaterMark: 1024 * KIB });
  body.sendTo(to);
  return buffer(to);
}

const someChunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });

describe('a body', () => {
  it('that is read first is hashed as what it is, and sent as what it is, as often as it is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(someChunks, async (chunks) => {
        const all = Buffer.concat(chunks);
        const body = new SentBody(comingIn(chunks), false);
        const read = { bytes: all.length, sha256: createHash('sha256').update(all).digest('hex') };
        expect([await body.read(), await body.read()]).toEqual([read, read]);
        expect([await sent(body), await sent(body)]).toEqual([all, all]);
      }),
      { numRuns: 50 },
    );
  });

  it('that was sent as it came can be sent again, and hashed then', async () => {
    await fc.assert(
      fc.asyncProperty(someChunks, async (chunks) => {
        const all = Buffer.concat(chunks);
        const body = new SentBody(comingIn(chunks), false);
        expect(body.canBeSentAgain).toBe(false);
        expect(await sent(body)).toEqual(all);
        expect(body.canBeSentAgain).toBe(true);
        expect(await sent(body)).toEqual(all);
        expect(await body.read()).toEqual({
          bytes: all.length,
          sha256: createHash('sha256').update(all).digest('hex'),
        });
      }),
      { numRuns: 50 },
    );
  });

  it('that is none is sent as none', async () => {
    const from = new Readable({ read: () => undefined });
    const body = new SentBody(from, true);
    expect(body.canBeSentAgain).toBe(true);
    expect((await sent(body)).length).toBe(0);
    expect(await body.read()).toEqual({ bytes: 0, sha256: createHash('sha256').digest('hex') });
  });
});

describe('a body that can be sent again', () => {
  it.each([
    [256, true],
    [257, false],
  ])('may be of %i KiB: %s', async (kibibytes, isKept) => {
    const body = new SentBody(comingIn(Array.from({ length: kibibytes }, () => Buffer.alloc(KIB))), false);
    expect((await sent(body)).length).toBe(kibibytes * KIB);
    expect(body.canBeSentAgain).toBe(isKept);
  });

  it('is none that stopped in the middle', async () => {
    const [from, to] = [new PassThrough(), new PassThrough()];
    const body = new SentBody(from, false);
    body.sendTo(to);
    from.write('half');
    await once(to, 'data');
    const gone = once(from, 'close');
    from.destroy();
    await gone;
    expect(body.canBeSentAgain).toBe(false);
  });

  it('is none of more than 8 MiB: it is not read before it is sent', async () => {
    const chunks = Array.from({ length: 9 }, () => Buffer.alloc(1024 * KIB));
    await expect(new SentBody(comingIn(chunks), false).read()).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
    });
  });
});
