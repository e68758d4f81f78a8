import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pump, type Passage } from '../../../client/proxy/pump.ts';

const AS_IT_IS: Passage = { next: (chunk) => chunk, rest: () => Buffer.alloc(0) };

/** Takes what it is given, when the test lets it; knows in how many pieces it came. */
class Taker extends Writable {
  readonly pieces: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #isSlow: boolean;

  constructor({ isSlow = false, highWaterMark = 64 } = {}) {
    super({ highWaterMark });
    this.#isSlow = isSlow;
  }

  get text(): string {
    return this.pieces.join('');
  }

  /** Lets the write go that waits. */
  takeOne(): void {
    this.#waiting.shift()?.();
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.pieces.push(Buffer.concat(chunks.map(({ chunk }) => chunk)).toString());
    if (this.#isSlow) this.#waiting.push(done);
    else done();
  }
}

const pushed = (...chunks: readonly string[]): Readable => {
  const from = new Readable({ read: () => undefined });
  for (const chunk of chunks) from.push(chunk);
  return from;
};

describe('what is pumped', () => {
  it('is what was sent and in its order, changed on its way, with what was left behind it', () => {
    const upper: Passage = {
      next: (chunk) => Buffer.from(chunk.toString().toUpperCase()),
      rest: () => Buffer.from('.'),
    };
    return fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 40 }),
        fc.boolean(),
        async (chunks, isSlow) => {
          const [from, to] = [new PassThrough(), new Taker({ isSlow, highWaterMark: 32 })];
          const finished = once(to, 'finish');
          pump(from, to, upper);
          for (const chunk of chunks) {
            from.write(chunk);
            if (chunk.length % 3 === 0) await nextTurn();
          }
          from.end();
          const patience = setInterval(() => to.takeOne(), 0);
          await finished;
          clearInterval(patience);
          expect(to.text).toBe(`${chunks.join('').toUpperCase()}.`);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('what is pumped goes', () => {
  it('in one piece where it came in one turn, and with its end', async () => {
    const [from, to] = [pushed('a', 'b'), new Taker()];
    pump(from, to, AS_IT_IS);
    await nextTurn();
    await nextTurn();
    expect(to.pieces).toEqual(['ab']);
    for (const chunk of ['c', 'd', null]) from.push(chunk);
    await once(to, 'finish');
    expect(to.pieces).toEqual(['ab', 'cd']);
  });

  it('without waiting for what comes later', async () => {
    const [from, to] = [pushed('a'), new Taker()];
    pump(from, to, AS_IT_IS);
    await nextTurn();
    await nextTurn();
    expect(to.text).toBe('a');
  });

  it('no faster than the other side takes it', async () => {
    const [from, to] = [pushed(), new Taker({ isSlow: true, highWaterMark: 10 })];
    pump(from, to, AS_IT_IS);
    for (let nth = 0; nth < 100; nth += 1) {
      from.push('12345');
      await nextTurn();
    }
    expect(from.isPaused()).toBe(true);
    expect(to.writableLength).toBe(10);
    const patience = setInterval(() => to.takeOne(), 0);
    from.push(null);
    await once(to, 'finish');
    clearInterval(patience);
    expect(to.text).toBe('12345'.repeat(100));
  });

  it('not at all where the passage keeps it, until the end', async () => {
    let kept = '';
    const [from, to] = [pushed('a', 'b', 'c'), new Taker()];
    pump(from, to, {
      next: (chunk) => {
        kept += chunk.toString();
        return Buffer.alloc(0);
      },
      rest: () => Buffer.from(kept),
    });
    await nextTurn();
    await nextTurn();
    expect(to.pieces).toEqual([]);
    from.push(null);
    await once(to, 'finish');
    expect(to.pieces).toEqual(['abc']);
  });
});

describe('a pump whose other side is gone', () => {
  it('writes nothing more, and shows what still comes to the passage alone', async () => {
    const seen: string[] = [];
    const [from, to] = [pushed('a'), new Taker()];
    to.on('error', (error) => seen.push(error.message));
    pump(from, to, { ...AS_IT_IS, next: (chunk) => (seen.push(chunk.toString()), chunk) });
    await nextTurn();
    await nextTurn();
    to.destroy();
    for (const chunk of ['b', 'c', null]) from.push(chunk);
    await once(from, 'end');
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(to.text).toBe('a');
  });
});

describe('a message that ended in the turn in which it began', () => {
  it('leaves its connection alone, which is another one’s by then', async () => {
    const [from, to] = [pushed('a'), new Taker()];
    pump(from, to, AS_IT_IS);
    from.push(null);
    await once(to, 'finish');
    let uncorked = 0;
    to.uncork = () => void (uncorked += 1);
    await nextTurn();
    expect(uncorked).toBe(0);
  });
});
