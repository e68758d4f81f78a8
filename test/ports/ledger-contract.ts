import { describe, expect, it } from 'vitest';
import type { CredentialState } from '../../lambdas/core/ledger-rows.ts';
import { create, remove, replace, type Ledger, type Outbox } from '../../lambdas/core/ports/ledger.ts';
import { anAdvance } from '../fakes/an-event.ts';
import { codeOf, eachTime, type UnderTest } from './under-test.ts';

/** An empty ledger and its outbox. */
export interface LedgerUnderTest extends UnderTest {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
}

const state = (fence: number, current?: string): CredentialState => ({
  fence,
  ...(current === undefined ? {} : { current }),
});

/** The contract of `Ledger` and `Outbox`. Reads are strongly consistent, so nothing is polled for. */
export function describeLedgerContract(name: string, make: () => Promise<LedgerUnderTest>): void {
  describe(`${name} keeps the contract of a ledger`, () => {
    const subject = eachTime(make);
    describeRows(subject);
    describePages(subject);
    describeConditions(subject);
    describeCommits(subject);
    describeOutbox(subject);
  });
}

function describeRows(subject: () => LedgerUnderTest): void {
  it('knows nothing of a row that was never written', async () => {
    const { ledger } = subject();
    expect(await ledger.read('credential', 'vector-store', 'state')).toBeUndefined();
    expect(await ledger.list('credential', 'vector-store')).toEqual([]);
  });

  it('gives a row back as it was written, at revision 1', async () => {
    const { ledger } = subject();
    const body = state(3, 'ünï "quoted" \u{1f511}');
    await ledger.commit([create('credential', 'vector-store', 'state', body)]);
    const expected = { family: 'credential', credential: 'vector-store', id: 'state', revision: 1, body };
    expect(await ledger.read('credential', 'vector-store', 'state')).toEqual(expected);
  });

  it('keeps families, credentials and ids apart', async () => {
    const { ledger } = subject();
    await ledger.commit([
      create('credential', 'a', 'b#c', state(1)),
      create('credential', 'a#b', 'c', state(2)),
      create('lock', 'a', 'b#c', { holder: 'x', fence: 3, until: '2026-01-01T00:00:00.000Z' }),
    ]);
    expect((await ledger.read('credential', 'a', 'b#c'))?.body).toEqual(state(1));
    expect((await ledger.read('credential', 'a#b', 'c'))?.body).toEqual(state(2));
    expect((await ledger.list('credential', 'a')).map(({ id }) => id)).toEqual(['b#c']);
  });

  it('lists the rows of one family and credential by id', async () => {
    const { ledger } = subject();
    const ids = ['t#2', 't#10', 'T', 'é', 'z', 't#1'];
    await ledger.commit(ids.map((id) => create('credential', 'vector-store', id, state(1))));
    await ledger.commit([create('credential', 'other', 'a', state(1))]);
    const listed = await ledger.list('credential', 'vector-store');
    expect(listed.map(({ id }) => id)).toEqual(['T', 't#1', 't#10', 't#2', 'z', 'é']);
  });

  it('is not changed by what is done to a row that was read', async () => {
    const { ledger } = subject();
    await ledger.commit([create('credential', 'vector-store', 'state', state(1))]);
    const row = await ledger.read('credential', 'vector-store', 'state');
    try {
      Object.assign(row?.body ?? {}, { fence: 99 });
    } catch {
      // Some stores hand out what cannot be changed; that is as good.
    }
    expect((await ledger.read('credential', 'vector-store', 'state'))?.body).toEqual(state(1));
  });

  it('keeps a row that has not expired', async () => {
    const { ledger } = subject();
    await ledger.commit([
      create('credential', 'vector-store', 'state', state(1), '2999-01-01T00:00:00.000Z'),
    ]);
    expect(await ledger.read('credential', 'vector-store', 'state')).toBeDefined();
  });
}

function describePages(subject: () => LedgerUnderTest): void {
  it('gives the rows of a partition by pages, each behind the last', async () => {
    const { ledger } = subject();
    const ids = Array.from({ length: 25 }, (_, at) => `t#${String(at).padStart(3, '0')}`);
    for (const id of ids) await ledger.commit([create('credential', 'vector-store', id, state(1))]);
    await ledger.commit([create('credential', 'vector-stores', 't#0005', state(1))]);
    const seen: string[] = [];
    for (;;) {
      const after = seen.at(-1);
      const page = { limit: 10, ...(after === undefined ? {} : { after }) };
      const rows = await ledger.page('credential', 'vector-store', page);
      seen.push(...rows.map(({ id }) => id));
      if (rows.length < 10) break;
      expect(rows).toHaveLength(10);
    }
    expect(seen).toEqual(ids);
    expect(await ledger.page('credential', 'vector-store', { after: 't#0', limit: 1 })).toMatchObject([
      { id: ids[0], revision: 1, body: state(1) },
    ]);
    expect(await ledger.page('credential', 'nobody', { limit: 5 })).toEqual([]);
  });
}

async function writtenRow({ ledger }: LedgerUnderTest, fence: number) {
  await ledger.commit([create('credential', 'vector-store', 'state', state(fence))]);
  const row = await ledger.read('credential', 'vector-store', 'state');
  if (row) return row;
  throw new TypeError('the row was written');
}

function describeConditions(subject: () => LedgerUnderTest): void {
  it('creates only what does not exist', async () => {
    await writtenRow(subject(), 1);
    const again = subject().ledger.commit([create('credential', 'vector-store', 'state', state(2))]);
    expect(await codeOf(again)).toBe('LEDGER_CONFLICT');
    expect((await subject().ledger.read('credential', 'vector-store', 'state'))?.body).toEqual(state(1));
  });

  it('replaces only what was read, and counts each write', async () => {
    const row = await writtenRow(subject(), 1);
    await subject().ledger.commit([replace(row, state(2))]);
    expect(await codeOf(subject().ledger.commit([replace(row, state(3))]))).toBe('LEDGER_CONFLICT');
    expect(await subject().ledger.read('credential', 'vector-store', 'state')).toMatchObject({
      revision: 2,
      body: state(2),
    });
  });

  it('removes only what was read, and starts again at revision 1', async () => {
    const row = await writtenRow(subject(), 1);
    await subject().ledger.commit([remove(row)]);
    expect(await subject().ledger.read('credential', 'vector-store', 'state')).toBeUndefined();
    expect(await codeOf(subject().ledger.commit([remove(row)]))).toBe('LEDGER_CONFLICT');
    expect((await writtenRow(subject(), 5)).revision).toBe(1);
  });

  it('can demand that a row is absent without writing one', async () => {
    const absent = {
      family: 'credential',
      credential: 'vector-store',
      id: 'state',
      expected: 0,
      body: undefined,
    } as const;
    await subject().ledger.commit([absent]);
    expect(await subject().ledger.list('credential', 'vector-store')).toEqual([]);
    await writtenRow(subject(), 1);
    expect(await codeOf(subject().ledger.commit([absent]))).toBe('LEDGER_CONFLICT');
  });

  it('lets one of many writers of a row win at a time', async () => {
    await writtenRow(subject(), 0);
    const { ledger } = subject();
    const increment = async (): Promise<void> => {
      for (;;) {
        const row = await ledger.read('credential', 'vector-store', 'state');
        if (!row) throw new TypeError('the row was written');
        const code = await codeOf(ledger.commit([replace(row, state(row.body.fence + 1))]));
        if (code === 'none') return;
        expect(code).toBe('LEDGER_CONFLICT');
      }
    };
    await Promise.all(Array.from({ length: 10 }, increment));
    expect(await ledger.read('credential', 'vector-store', 'state')).toMatchObject({
      revision: 11,
      body: state(10),
    });
  });
}

function describeCommits(subject: () => LedgerUnderTest): void {
  it('writes all of a commit or nothing of it, events included', async () => {
    const { ledger, outbox } = subject();
    await ledger.commit([create('credential', 'taken', 'state', state(1))]);
    const commit = ledger.commit(
      [create('credential', 'new', 'state', state(1)), create('credential', 'taken', 'state', state(2))],
      [anAdvance(1)],
    );
    expect(await codeOf(commit)).toBe('LEDGER_CONFLICT');
    expect(await ledger.read('credential', 'new', 'state')).toBeUndefined();
    expect(await outbox.pending(10)).toEqual([]);
  });

  it('takes a hundred writes and events at once and refuses one more', async () => {
    const { ledger, outbox } = subject();
    const writes = (count: number, credential: string) =>
      Array.from({ length: count }, (_, index) => create('credential', credential, `row-${index}`, state(1)));
    await ledger.commit(writes(98, 'full'), [anAdvance(1), anAdvance(2)]);
    expect(await ledger.list('credential', 'full')).toHaveLength(98);
    expect(await codeOf(ledger.commit(writes(99, 'over'), [anAdvance(3), anAdvance(4)]))).not.toBe('none');
    expect(await ledger.list('credential', 'over')).toEqual([]);
    expect(await outbox.pending(10)).toHaveLength(2);
  });
}

function describeOutbox(subject: () => LedgerUnderTest): void {
  it('gives events back as they were committed, the oldest first', async () => {
    const { ledger, outbox } = subject();
    await ledger.commit([], [anAdvance(2)]);
    await ledger.commit(
      [create('credential', 'vector-store', 'state', state(1))],
      [anAdvance(3), anAdvance(1)],
    );
    expect(await outbox.pending(10)).toEqual([anAdvance(1), anAdvance(2), anAdvance(3)]);
    expect(await outbox.pending(2)).toEqual([anAdvance(1), anAdvance(2)]);
  });

  it('forgets what was published and nothing else', async () => {
    const { ledger, outbox } = subject();
    await ledger.commit([], [anAdvance(1), anAdvance(2), anAdvance(3)]);
    await outbox.markPublished(['event-2', 'event-unknown']);
    await outbox.markPublished(['event-2']);
    await outbox.markPublished([]);
    expect(await outbox.pending(10)).toEqual([anAdvance(1), anAdvance(3)]);
  });
}
