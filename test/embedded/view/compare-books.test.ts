import { describe, expect, it } from 'vitest';
import { compareBooks, type Account, type Books } from '../../../embedded/view/compare-books.ts';
import type { BookedAttempt } from '../../../embedded/view/match-attempts.ts';

const at = (second: number): string =>
  new Date(Date.UTC(2026, 0, 1) + Math.round(second * 1000)).toISOString();

const one = (second: number, parts: Partial<BookedAttempt> = {}): BookedAttempt => ({
  began: at(second),
  ended: at(second + 0.1),
  mark: String(40_000 + Math.round(second * 10)),
  key: 'rag_a',
  outcome: 'served',
  ...parts,
});

const NONE: Books = {
  logins: [],
  calls: [],
  notices: [],
  statements: [],
  readsFailed: [],
  database: [],
  provider: [],
  told: [],
  knownNotices: new Set(),
  own: [],
};

const SUBJECTS = {
  slots: new Map([
    ['rag_a', 'vector-store'],
    ['rag_b', 'vector-store'],
  ]),
  provider: 'openai-agents',
  used: ['vector-store', 'openai-agents', 'rag-api-hook'],
  leased: ['model-session', 'vector-reader'],
};

/** The books of the seconds 100 to 200. */
const compare = (books: Partial<Books>): Account =>
  compareBooks({ ...NONE, ...books }, SUBJECTS, { since: at(100), until: at(200) });

describe('the books of a stretch', () => {
  it('agree where both sides have the same, and count it to its credential', () => {
    const logins = [one(101), one(102, { key: 'rag_b' })];
    const calls = [one(103, { key: 'key_1' })];
    const account = compare({ logins, database: logins, calls, provider: calls, statements: [one(101)] });
    expect(account).toMatchObject({ served: 4, failed: 0, strangers: [] });
    expect(account.database).toEqual({ served: 2, failed: 0, differences: [] });
    expect(account.uses.get('vector-store')).toEqual({
      served: 3,
      failed: 0,
      target: { served: 2, refused: 0 },
    });
    expect(account.uses.get('openai-agents')).toEqual({
      served: 1,
      failed: 0,
      target: { served: 1, refused: 0 },
    });
  });

  it('name a credential that nobody has used', () => {
    expect(compare({}).uses.get('rag-api-hook')).toEqual({
      served: 0,
      failed: 0,
      target: { served: 0, refused: 0 },
    });
  });

  it('show a refused login on both sides: it agrees, and it is a failure', () => {
    const refused = [one(120, { outcome: 'failed' })];
    const account = compare({ logins: refused, database: refused });
    expect(account).toMatchObject({ failed: 1, database: { failed: 1, differences: [] } });
    expect(account.uses.get('vector-store')?.target).toEqual({ served: 0, refused: 1 });
  });

  it.each<[string, Partial<Books>, RegExp]>([
    [
      'a login that the server refused and nobody counted',
      { database: [one(120, { outcome: 'failed' })] },
      /^only PostgreSQL's log has 00:02:00\.000 rag_a from 41200 \(failed\)$/,
    ],
    ['a login as a slot that no dependent made', { database: [one(120)] }, /^only PostgreSQL's log has/],
    [
      'a login that was counted and that the server has not seen',
      { logins: [one(120)] },
      /^only the dependents have/,
    ],
  ])('do not agree about %s', (_, books, difference) => {
    const { database } = compare(books);
    expect(database.differences).toHaveLength(1);
    expect(database.differences[0]).toMatch(difference);
  });

  it('do not agree where one side says served and the other refused', () => {
    const account = compare({ logins: [one(120)], database: [one(120, { outcome: 'failed' })] });
    expect(account.database.differences).toHaveLength(2);
  });

  it('count an attempt that never reached the target as failed, and contradict nobody with it', () => {
    const { mark: _, ...unreached } = one(120, { outcome: 'failed' });
    expect(compare({ logins: [unreached] })).toMatchObject({
      failed: 1,
      database: { failed: 1, differences: [] },
    });
  });
});

describe('the edges of a stretch, and others in it', () => {
  it('hold nothing against either side at their edges: what counts is when it began', () => {
    // given logins that began before the stretch and ended in it, or began in it and ended after
    const early = one(99.99, { ended: at(100.2) });
    const late = one(199.99, { ended: at(203) });
    const account = compare({
      logins: [early, late],
      database: [one(100.01, { mark: early.mark ?? '' }), one(200.5, { mark: late.mark ?? '' })],
    });
    expect(account.database).toEqual({ served: 1, failed: 0, differences: [] });
    expect(account.strangers).toEqual([]);
  });

  it('leave out what began after the stretch, on either side', () => {
    const account = compare({ logins: [one(201)], database: [one(202), one(203, { key: 'somebody' })] });
    expect(account).toMatchObject({ served: 0, database: { differences: [] }, strangers: [] });
  });

  it("list Lockstep's own logins apart, refused ones too, and hold them against nobody", () => {
    const own = [
      one(110, { began: at(50), ended: at(110), key: 'rag_a', mark: '1' }),
      one(111, { began: at(51), ended: at(111), key: 'rag_b', mark: '2', outcome: 'failed' }),
      one(112, { began: at(52), ended: at(112), key: 'lockstep_admin', mark: '3' }),
    ];
    const account = compare({
      own,
      database: [
        one(109.9, { mark: '1' }),
        one(110.9, { mark: '2', key: 'rag_b', outcome: 'failed' }),
        one(111.9, { mark: '3', key: 'lockstep_admin' }),
      ],
    });
    expect(account).toMatchObject({
      failed: 0,
      strangers: [],
      probes: { logins: 3, refused: 1 },
      database: { served: 0, differences: [] },
    });
  });

  it('find a connection that neither a dependent nor Lockstep has made, whatever it calls itself', () => {
    const account = compare({
      database: [one(130, { key: 'postgres' }), one(131, { key: 'lockstep_admin' })],
    });
    expect(account.strangers).toEqual([
      '00:02:10.000 postgres from 41300 (served)',
      '00:02:11.000 lockstep_admin from 41310 (served)',
    ]);
  });

  it('count reads that fail while the runtime is away apart from failed attempts', () => {
    expect(compare({ readsFailed: [one(140), one(141)] })).toMatchObject({ readsFailed: 2, failed: 0 });
  });
});

describe('the book of notices', () => {
  const notice = (second: number, id: string, outcome: 'served' | 'failed' = 'served') =>
    one(second, { mark: id, key: 'rag-api-hook', outcome });

  it('agrees with the ledger by the id of each', () => {
    const account = compare({
      notices: [notice(110, 'n1'), notice(111, 'n1')],
      told: [notice(112, 'n1')],
      knownNotices: new Set(['n1']),
    });
    expect(account).toMatchObject({ failed: 0, notices: { served: 1, failed: 0, differences: [] } });
    expect(account.uses.get('rag-api-hook')).toEqual({
      served: 1,
      failed: 0,
      target: { served: 1, refused: 0 },
    });
  });

  it("has a notice of Lockstep's that was refused as a failed attempt", () => {
    const account = compare({ notices: [notice(110, 'n1', 'failed')], knownNotices: new Set(['n1']) });
    expect(account).toMatchObject({ failed: 1, notices: { failed: 1 } });
    expect(account.uses.get('rag-api-hook')).toMatchObject({ failed: 1 });
  });

  it('has probes with an old key, and what others have forged, apart', () => {
    const account = compare({
      notices: [
        notice(110, 'probe_1', 'failed'),
        notice(111, 'made-up', 'failed'),
        notice(112, 'not an id', 'failed'),
      ],
    });
    expect(account).toMatchObject({
      failed: 0,
      forged: 2,
      probes: { noticesRefused: 1 },
      notices: { served: 0, failed: 0, differences: [] },
    });
  });

  it('does not agree about one that was told and never came, or came and was never sent', () => {
    expect(
      compare({ told: [notice(110, 'n1')], knownNotices: new Set(['n1']) }).notices.differences,
    ).toHaveLength(1);
    expect(compare({ notices: [notice(110, 'n2')] }).notices.differences).toHaveLength(1);
  });
});

describe('uses by leases', () => {
  const leased = (second: number, leasable: string, parts: Partial<BookedAttempt> = {}) =>
    one(second, { leasable, ...parts });
  const without = ({ leasable: _said, ...known }: BookedAttempt): BookedAttempt => known;

  it('are counted apart from those of the credential that they stand for, and so are their keys', () => {
    // given an agent that has never seen the keys that a proxy has put in, and logins of two leases
    const calls = [
      leased(101, 'model-session', { mark: 'id-1' }),
      leased(102, 'model-session', { mark: 'id-2' }),
    ].map(({ key: _unseen, ...call }) => call);
    const logins = [
      leased(103, 'vector-reader', { key: 'lockstep_l_1' }),
      leased(104, 'vector-reader', { key: 'lockstep_l_2' }),
    ];
    const account = compare({
      calls,
      logins,
      statements: [leased(105, 'vector-reader', { key: 'lockstep_l_2' })],
      database: logins.map(without),
      provider: calls.map((call) => ({ ...without(call), key: `key_${call.mark}` })),
    });
    // then
    expect(account.leased).toEqual(
      new Map([
        ['model-session', { served: 2, failed: 0, keys: 2, target: { served: 2, refused: 0 } }],
        ['vector-reader', { served: 3, failed: 0, keys: 2, target: { served: 2, refused: 0 } }],
      ]),
    );
    expect([...account.uses.values()].map(({ served }) => served)).toEqual([0, 0, 0]);
    expect([account.strangers, account.database.differences, account.provider.differences]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it('that failed are failed attempts, and a lease that nobody used is in the account', () => {
    const refused = leased(101, 'model-session', { mark: 'id-1', outcome: 'failed' });
    const account = compare({ calls: [refused], provider: [without(refused)] });
    expect(account.failed).toBe(1);
    expect([...account.leased].map(([name, { served, failed }]) => [name, served, failed])).toEqual([
      ['model-session', 0, 1],
      ['vector-reader', 0, 0],
    ]);
  });

  it('by a login that nobody owns up to are a connection of a stranger', () => {
    const account = compare({ database: [one(101, { key: 'lockstep_l_9' })] });
    expect(account.strangers).toHaveLength(1);
  });
});
