import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LockstepEvent } from '../../lambdas/core/events.ts';
import {
  MAX_COMMIT_ITEMS,
  type Family,
  type Ledger,
  type LedgerRow,
  type LedgerWrite,
  type Outbox,
} from '../../lambdas/core/ports/ledger.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import { Judge, stored } from './judge.ts';

/**
 * `Ledger` and `Outbox` in memory. Rows come back as copies that nobody can change. Judges: one row written
 * twice in a commit, an event id that comes back with another content, a secret in a row or an event. With a clock it
 * forgets what has expired as soon as it may: behind each commit.
 */
export class MemoryLedger implements Ledger, Outbox {
  readonly judge: Judge;
  /** By family and credential, and in it by id. */
  readonly #partitions = new Map<string, Map<string, LedgerRow<Family>>>();
  /** When rows may be forgotten, in milliseconds, for those that ever may. */
  readonly #forgotten = new Map<
    string,
    { readonly at: number; readonly partition: string; readonly id: string }
  >();
  readonly #clock: Clock | undefined;
  readonly #outbox = new Map<string, LockstepEvent>();
  readonly #everySeen = new Map<string, string>();

  constructor(judge: Judge = new Judge(), clock?: Clock) {
    this.judge = judge;
    this.#clock = clock;
  }

  async read<F extends Family>(family: F, credential: string, id: string): Promise<LedgerRow<F> | undefined> {
    return this.rowOf(family, credential, id);
  }

  async list<F extends Family>(family: F, credential: string): Promise<readonly LedgerRow<F>[]> {
    const rows = [...(this.#partitions.get(keyOf(family, credential))?.values() ?? [])];
    return rows.sort((a, b) =>
      Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
    ) as unknown as readonly LedgerRow<F>[];
  }

  async page<F extends Family>(
    family: F,
    credential: string,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Promise<readonly LedgerRow<F>[]> {
    const rows = await this.list(family, credential);
    const isBehind = (id: string): boolean =>
      after === undefined || Buffer.compare(Buffer.from(id), Buffer.from(after)) > 0;
    return rows.filter(({ id }) => isBehind(id)).slice(0, limit);
  }

  async commit(writes: readonly LedgerWrite[], events: readonly LockstepEvent[] = []): Promise<void> {
    if (writes.length + events.length > MAX_COMMIT_ITEMS)
      throw new LockstepError('NO_ROOM', `${writes.length + events.length} items in one commit`);
    this.#judge(writes, events);
    for (const { family, credential, id, expected } of writes) {
      const found = this.#partitions.get(keyOf(family, credential))?.get(id)?.revision ?? 0;
      if (found !== expected)
        throw new LockstepError(
          'LEDGER_CONFLICT',
          `${family} ${id} of ${credential}: expected ${expected}, found ${found}`,
        );
    }
    for (const write of writes) this.#apply(write);
    this.#forget();
    for (const event of events) if (!this.#outbox.has(event.id)) this.#outbox.set(event.id, stored(event));
  }

  async pending(limit: number): Promise<readonly LockstepEvent[]> {
    const oldest = [...this.#outbox.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    return oldest.slice(0, limit);
  }

  async malformed(): Promise<number> {
    return 0;
  }

  async markPublished(eventIds: readonly string[]): Promise<void> {
    for (const id of eventIds) this.#outbox.delete(id);
  }

  /** Every row there is, for a test's invariants. */
  rows<F extends Family>(family: F): readonly LedgerRow<F>[] {
    return [...this.#partitions.values()]
      .flatMap((partition) => [...partition.values()])
      .filter((row) => row.family === family) as unknown as readonly LedgerRow<F>[];
  }

  /** One row, for a test that cannot wait. */
  rowOf<F extends Family>(family: F, credential: string, id: string): LedgerRow<F> | undefined {
    return this.#partitions.get(keyOf(family, credential))?.get(id) as LedgerRow<F> | undefined;
  }

  /** Behind the writes, as in the ledger of the embedded world: a condition holds for what the caller has read. */
  #forget(): void {
    const now = this.#clock?.().getTime();
    if (now === undefined) return;
    for (const [key, { at, partition, id }] of this.#forgotten) {
      if (at >= now) continue;
      this.#partitions.get(partition)?.delete(id);
      this.#forgotten.delete(key);
    }
  }

  #apply({ family, credential, id, expected, body, expiresAt }: LedgerWrite): void {
    const key = keyOf(family, credential);
    const own = keyOf(family, credential, id);
    if (body === undefined || expiresAt === undefined) this.#forgotten.delete(own);
    else this.#forgotten.set(own, { at: Date.parse(expiresAt), partition: key, id });
    const partition = this.#partitions.get(key) ?? new Map<string, LedgerRow<Family>>();
    this.#partitions.set(key, partition);
    if (body === undefined) partition.delete(id);
    else partition.set(id, stored({ family, credential, id, revision: expected + 1, body }));
    if (partition.size === 0) this.#partitions.delete(key);
  }

  #judge(writes: readonly LedgerWrite[], events: readonly LockstepEvent[]): void {
    const keys = new Set(writes.map(({ family, credential, id }) => keyOf(family, credential, id)));
    this.judge.demand(keys.size === writes.length, 'a commit writes one row twice');
    for (const write of writes) this.judge.inspect(`ledger row ${write.family} ${write.id}`, write.body);
    for (const event of events) {
      this.judge.inspect(`event ${event.type}`, event);
      const text = JSON.stringify(event);
      const before = this.#everySeen.get(event.id) ?? text;
      this.judge.demand(before === text, `event ${event.id} was committed again with another content`);
      this.#everySeen.set(event.id, text);
    }
  }
}

const keyOf = (family: Family, ...names: readonly string[]): string => JSON.stringify([family, ...names]);
