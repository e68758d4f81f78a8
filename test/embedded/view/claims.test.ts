import { describe, expect, it } from 'vitest';
import { claimsOf } from '../../../embedded/view/claims.ts';
import type { Comparison } from '../../../embedded/view/compare-books.ts';
import type { RoundFacts } from '../../../embedded/view/round-facts.ts';
import { anAccount, aRound, retired } from './a-round.ts';

const failing = (facts: RoundFacts) => claimsOf(facts).filter(({ holds }) => !holds);
const differing: Comparison = { served: 4, failed: 0, differences: ['only PostgreSQL’s log has one'] };

/** What is not as it should be; what is said then, and what is named. */
const SPOILED: readonly (readonly [string, Partial<RoundFacts>, RegExp, RegExp])[] = [
  [
    'a rotation that is not over',
    { rotations: new Map([['vector-store', retired({ phase: 'adopting' })]]) },
    /^not every credential/,
    /vector-store is adopting; see: lockstep status vector-store/,
  ],
  [
    'a rotation that was given up',
    { rotations: new Map([['vector-store', retired({ phase: 'abandoned' })]]) },
    /^not every credential/,
    /abandoned/,
  ],
  [
    'a credential that could not rotate',
    { refused: new Map([['openai-agents', 'it is held']]) },
    /^not every credential/,
    /openai-agents was not rotated: it is held/,
  ],
  ['no rotation at all', { rotations: new Map() }, /^not every credential/, /^$/],
  [
    'an old value that nobody saw refused',
    {
      rotations: new Map([['vector-store', retired({ provenRefusedAt: undefined as unknown as string })]]),
    },
    /^not every old value/,
    /vector-store/,
  ],
  [
    'one failed attempt',
    {
      account: anAccount({
        failed: 1,
        uses: new Map([['vector-store', { served: 11, failed: 1, target: { served: 4, refused: 1 } }]]),
      }),
    },
    /^dependents counted 1 failed attempts/,
    /1 with vector-store/,
  ],
  [
    'a credential that nobody used: nothing was shown about it',
    {
      account: anAccount({
        uses: new Map([['vector-store', { served: 0, failed: 0, target: { served: 0, refused: 0 } }]]),
      }),
    },
    /^dependents counted 0 failed/,
    /nobody has used vector-store/,
  ],
  [
    'a book of PostgreSQL that differs',
    { account: anAccount({ database: differing }) },
    /^PostgreSQL's own log does not agree/,
    /only PostgreSQL/,
  ],
  [
    'a book of the double that differs',
    { account: anAccount({ provider: differing }) },
    /^the log of the double of OpenAI does not agree/,
    /only/,
  ],
  [
    'a ledger that differs',
    { account: anAccount({ notices: differing }) },
    /^the ledger does not agree/,
    /only/,
  ],
  [
    'a connection of a stranger',
    { account: anAccount({ strangers: ['10:00:01.000 postgres from 40000 (served)'] }) },
    /^1 connections by anybody else/,
    /postgres from 40000/,
  ],
  [
    'something leased that nobody used',
    {
      account: anAccount({
        leased: new Map([
          ['model-session', { served: 0, failed: 0, keys: 0, target: { served: 0, refused: 0 } }],
        ]),
      }),
    },
    /^what is leased \(model-session\) was used 0 times/,
    /nobody has used model-session/,
  ],
  [
    'a lease that failed once',
    {
      account: anAccount({
        leased: new Map([
          ['model-session', { served: 9, failed: 1, keys: 1, target: { served: 9, refused: 1 } }],
        ]),
      }),
    },
    /failed 1 times/,
    /1 with model-session/,
  ],
  [
    'an audit that does not verify',
    { audit: { ok: false, chains: 1, records: 30, heads: 2, unsealed: 0, faults: [] } },
    /^the audit does not verify/,
    /lockstep audit verify/,
  ],
  [
    'a stranger who got a value',
    { stranger: { workload: 'research-agent', credential: 'vector-store', answered: '200' } },
    /answered 200; on-call was not paged$/,
    /^$/,
  ],
  [
    'a refusal that nobody was paged about',
    { stranger: { workload: 'research-agent', credential: 'vector-store', answered: '403' } },
    /answered 403; on-call was not paged$/,
    /^$/,
  ],
];

describe('what a round claims', () => {
  it('holds, all ten of it, where everything went well', () => {
    expect(claimsOf(aRound())).toHaveLength(10);
    expect(failing(aRound())).toEqual([]);
  });

  it.each(SPOILED)('does not hold with %s', (_, parts, says, because) => {
    const [claim, ...others] = failing(aRound(parts));
    expect(others).toEqual([]);
    expect(claim?.says).toMatch(says);
    expect(claim?.because.join('\n') ?? '').toMatch(because);
  });

  it('asks no use of a credential whose rotation an earlier runtime had all but ended', () => {
    const unused = anAccount({
      uses: new Map([['vector-store', { served: 0, failed: 0, target: { served: 0, refused: 0 } }]]),
    });
    expect(failing(aRound({ account: unused, since: '2026-01-01T10:00:09.000Z' }))).toEqual([]);
    expect(failing(aRound({ account: unused }))).toHaveLength(1);
  });

  it('lists a few differences and says how many more there are', () => {
    const differences = Array.from({ length: 12 }, (_, n) => `only one book has number ${n}`);
    const [claim] = failing(
      aRound({ account: anAccount({ database: { served: 1, failed: 0, differences } }) }),
    );
    expect(claim?.because).toHaveLength(6);
    expect(claim?.because.at(-1)).toBe('and 7 more');
  });

  it('claims nothing of leases where no program leases anything', () => {
    expect(claimsOf(aRound({ account: anAccount({ leased: new Map() }) }))).toHaveLength(9);
  });

  it('claims nothing of a stranger where every workload may read everything', () => {
    const { stranger: _, ...rest } = aRound();
    expect(claimsOf({ ...rest, stranger: undefined })).toHaveLength(9);
  });

  it('says besides what failed without being an attempt: reads while the runtime was away, notices of others', () => {
    const [, , third] = claimsOf(aRound({ account: anAccount({ readsFailed: 3, forged: 2 }) }));
    expect(third).toMatchObject({ holds: true });
    expect(third?.says).toContain('3 reads of the vault failed while the runtime was away');
    expect(third?.says).toContain('2 notices that Lockstep never sent were refused');
  });
});
