import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import {
  MAX_COMMIT_ITEMS,
  type Family,
  type Ledger,
  type LedgerRow,
  type LedgerWrite,
} from '../../lambdas/core/ports/ledger.ts';

/** How a commit may go wrong: the answer is lost before or after the effect, or somebody else was first. */
export type Accident = 'lost-before' | 'lost-after' | 'conflict';

interface Stored {
  readonly revision: number;
  readonly json: string;
}

/**
 * A ledger that judges: conditional, atomic, and holding JSON text only, so that a body which is not plain
 * data, or is changed after the commit, shows. An event id that is committed twice fails the test.
 */
export class MemoryLedger implements Ledger {
  readonly events: LockstepEvent[] = [];
  writes = 0;
  readonly #rows = new Map<string, Stored>();
  readonly #accidents: (Accident | undefined)[] = [];
  #interloper: (() => Promise<void>) | undefined;

  /** The next commits go wrong like this, one after the other; `undefined`: well. */
  suffers(...accidents: readonly (Accident | undefined)[]): void {
    this.#accidents.push(...accidents);
  }

  /** Runs once, right before the next commit: somebody else who is quicker. */
  interrupt(interloper: () => Promise<void>): void {
    this.#interloper = interloper;
  }

  read<F extends Family>(family: F, credential: string, id: string): Promise<LedgerRow<F> | undefined> {
    const stored = this.#rows.get(key(family, credential, id));
    return Promise.resolve(stored ? row(family, credential, id, stored) : undefined);
  }

  list<F extends Family>(family: F, credential: string): Promise<readonly LedgerRow<F>[]> {
    const prefix = key(family, credential, '');
    const found = [...this.#rows].filter(([each]) => each.startsWith(prefix));
    return Promise.resolve(
      found
        .map(([each, stored]) => row(family, credential, each.slice(prefix.length), stored))
        .sort((one, other) => (one.id < other.id ? -1 : 1)),
    );
  }

  async page<F extends Family>(
    family: F,
    credential: string,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Promise<readonly LedgerRow<F>[]> {
    const rows = await this.list(family, credential);
    return rows.filter(({ id }) => after === undefined || id > after).slice(0, limit);
  }

  /** Every key and body, as one text to search. */
  everything(): string {
    return JSON.stringify([...this.#rows]);
  }

  async commit(writes: readonly LedgerWrite[], events: readonly LockstepEvent[] = []): Promise<void> {
    const interloper = this.#interloper;
    this.#interloper = undefined;
    await interloper?.();
    if (writes.length + events.length > MAX_COMMIT_ITEMS)
      throw new RangeError('too many items in one commit');
    const accident = this.#accidents.shift();
    if (accident === 'conflict') throw new LockstepError('LEDGER_CONFLICT', 'somebody else was first');
    if (accident === 'lost-before') throw unavailable();
    this.#apply(writes, events);
    if (accident === 'lost-after') throw unavailable();
  }

  #apply(writes: readonly LedgerWrite[], events: readonly LockstepEvent[]): void {
    for (const { family, credential, id, expected } of writes) {
      const found = this.#rows.get(key(family, credential, id))?.revision ?? 0;
      if (found !== expected)
        throw new LockstepError('LEDGER_CONFLICT', `${family} ${id} is not as expected`);
    }
    for (const { family, credential, id, expected, body } of writes) {
      this.writes += 1;
      if (body === undefined) this.#rows.delete(key(family, credential, id));
      else this.#rows.set(key(family, credential, id), { revision: expected + 1, json: plain(body) });
    }
    for (const event of events) {
      if (this.events.some(({ id }) => id === event.id))
        throw new Error(`event ${event.id} was committed twice`);
      this.events.push(JSON.parse(plain(event)) as LockstepEvent);
    }
  }
}

const key = (family: string, credential: string, id: string): string => `${family}|${credential}|${id}`;

const row = <F extends Family>(family: F, credential: string, id: string, stored: Stored): LedgerRow<F> => ({
  family,
  credential,
  id,
  revision: stored.revision,
  body: JSON.parse(stored.json) as LedgerRow<F>['body'],
});

/** The value as JSON; what JSON would lose or change fails the test. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (each === undefined || typeof each === 'function' || each instanceof Date)
      throw new TypeError('a ledger body holds something that is not plain data');
    return each;
  });
}

const unavailable = (): LockstepError => new LockstepError('LEDGER_UNAVAILABLE', 'no answer');
