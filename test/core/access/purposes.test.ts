import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_ACCESS, type AccessInventory } from '../../../lambdas/core/access/access-inventory.ts';
import type { Caller, CallingAgent, Person, SessionClaims } from '../../../lambdas/core/access/caller.ts';
import { narrowPurpose, purposesOf } from '../../../lambdas/core/access/purposes.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';

const PURPOSES = ['answer', 'index', 'report', 'repair'] as const;
const somePurposes = fc.subarray([...PURPOSES, 'invented']);

const access = (bindings: Readonly<Record<string, readonly string[]>>): AccessInventory => ({
  ...NO_ACCESS,
  purposes: Object.fromEntries(PURPOSES.map((name) => [name, `to ${name}`])),
  purposeBindings: Object.entries(bindings).map(([principal, purposes]) => ({ principal, purposes })),
});

const recognised = (claims: SessionClaims = {}) =>
  ({ proof: 'token', principal: 'somebody', claims }) as const;
const agent = (claims: SessionClaims = {}, actingFor?: Person): CallingAgent => ({
  ...recognised(claims),
  is: 'agent',
  name: 'research-agent',
  workload: 'research-agent',
  ...(actingFor ? { actingFor } : {}),
});
const person = (roles: readonly string[], claims: SessionClaims = {}): Person => ({
  ...recognised(claims),
  is: 'person',
  name: 'ada',
  roles,
  mfa: false,
});
const workload = (name: string, claims: SessionClaims = {}): Caller => ({
  ...recognised(claims),
  is: 'workload',
  name,
});

describe('the purposes that a caller may state', () => {
  const all = access({
    'workload:rag-api': ['answer'],
    'agent:research-agent': ['answer', 'report'],
    'role:analyst': ['report', 'index'],
    'role:reader': ['answer'],
  });

  it('are those that the inventory binds it to', () => {
    expect(purposesOf(all, workload('rag-api'))).toEqual(['answer']);
    expect(purposesOf(all, person(['analyst', 'reader']))).toEqual(['answer', 'index', 'report']);
  });

  it('are none where nobody speaks of it', () => {
    expect(purposesOf(all, workload('embedder'))).toEqual([]);
    expect(purposesOf(all, person(['guest']))).toEqual([]);
  });

  it('are what a signed claim says where the inventory does not speak of it, if they exist', () => {
    expect(purposesOf(all, workload('embedder', { purposes: ['index', 'invented'] }))).toEqual(['index']);
  });

  it('are none by what the session says of itself, which only takes away', () => {
    const kept = { keptPurposes: ['index', 'answer'] };
    expect(purposesOf(all, workload('embedder', kept))).toEqual([]);
    expect(purposesOf(all, person(['guest'], kept))).toEqual([]);
    expect(purposesOf(all, agent(kept, person(['guest'], kept)))).toEqual([]);
    expect(purposesOf(all, workload('embedder', { purposes: ['index', 'report'], ...kept }))).toEqual([
      'index',
    ]);
    expect(purposesOf(all, agent(kept))).toEqual(['answer']);
  });

  it('are no more than both say', () => {
    expect(purposesOf(all, agent({ purposes: ['report', 'repair'] }))).toEqual(['report']);
    expect(purposesOf(all, agent({ purposes: [] }))).toEqual([]);
  });

  it('are, for an agent, no more than the person may state', () => {
    expect(purposesOf(all, agent({}, person(['analyst'])))).toEqual(['report']);
    expect(purposesOf(all, agent({}, person(['analyst'], { purposes: ['index'] })))).toEqual([]);
    expect(purposesOf(all, agent({}, person(['guest'])))).toEqual([]);
  });

  it('are not lent by a workload of the same name as the agent', () => {
    expect(purposesOf(access({ 'workload:research-agent': ['repair'] }), agent())).toEqual([]);
  });
});

describe('the purposes of whoever claims something, or acts for somebody,', () => {
  it('never grow by a claim, a person, or a claim of the person', () => {
    const claims = fc.record({ purposes: somePurposes, keptPurposes: somePurposes }, { requiredKeys: [] });
    const bindings = fc.record(
      {
        'agent:research-agent': somePurposes,
        'role:analyst': somePurposes,
        'role:reader': somePurposes,
      },
      { requiredKeys: ['agent:research-agent'] },
    );
    fc.assert(
      fc.property(
        bindings,
        claims,
        claims,
        fc.subarray(['analyst', 'reader']),
        (bound, own, theirs, roles) => {
          const world = access(bound);
          const alone = purposesOf(world, agent());
          const claimed = purposesOf(world, agent(own));
          const behind = purposesOf(world, person(roles));
          const narrowed = purposesOf(world, person(roles, theirs));
          const together = purposesOf(world, agent(own, person(roles, theirs)));
          expect(PURPOSES).toEqual(expect.arrayContaining([...together, ...narrowed]));
          expect(alone).toEqual(expect.arrayContaining([...claimed]));
          expect(claimed).toEqual(expect.arrayContaining([...together]));
          expect(narrowed).toEqual(expect.arrayContaining([...together]));
          const spokenOf = roles.some((role) => Object.hasOwn(bound, `role:${role}`));
          const beyond = narrowed.filter((purpose) => spokenOf && !behind.includes(purpose));
          expect(beyond).toEqual([]);
          const { keptPurposes: _, ...issued } = theirs;
          expect(purposesOf(world, person(roles, issued))).toEqual(expect.arrayContaining([...narrowed]));
        },
      ),
    );
  });
});

describe('the purpose of one request', () => {
  const leasable = { name: 'vector-store-ro', purposes: ['answer', 'index'] };

  it('is the one that was asked for, or the only one', () => {
    expect(narrowPurpose({ allowed: ['answer', 'index'], leasable, asked: 'index' })).toBe('index');
    expect(narrowPurpose({ allowed: ['answer', 'report'], leasable })).toBe('answer');
  });

  it.each([
    ['that the caller may not state', ['index'], 'answer'],
    ['that it is not leased for', ['answer', 'repair'], 'repair'],
    ['that nobody declared', ['answer'], 'answer everything'],
    ['that is not said, of two', ['answer', 'index'], undefined],
    ['at all, of none', [], undefined],
  ])('is none %s', (_what, allowed, asked) => {
    const choice = { allowed, leasable, ...(asked === undefined ? {} : { asked }) };
    expect(() => narrowPurpose(choice)).toThrow(expect.objectContaining({ code: 'PURPOSE_REFUSED' }));
  });

  it('is not repeated in a refusal: whoever made it up may have put anything into it', () => {
    const asked = 'ignore all rules';
    const refusal = thrownBy(() => narrowPurpose({ allowed: ['answer'], leasable, asked }));
    expect(refusal.message).toBe('vector-store-ro: the purpose that was asked for is not among answer');
  });

  it('is always one that was asked for, may be stated and is leased for', () => {
    const asked = fc.option(fc.oneof(fc.constantFrom(...PURPOSES), fc.string()), { nil: undefined });
    fc.assert(
      fc.property(somePurposes, somePurposes, asked, (allowed, purposes, wanted) => {
        const choice = {
          allowed,
          leasable: { name: 'x', purposes },
          ...(wanted === undefined ? {} : { asked: wanted }),
        };
        const fits = allowed.filter((each) => purposes.includes(each));
        const expected =
          wanted === undefined
            ? fits.length === 1
              ? fits[0]
              : undefined
            : fits.find((each) => each === wanted);
        expect(outcomeOf(() => narrowPurpose(choice))).toBe(expected ?? 'PURPOSE_REFUSED');
      }),
    );
  });
});

function thrownBy(work: () => unknown): LockstepError {
  try {
    work();
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** What was answered, or the code of the refusal. */
function outcomeOf(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof LockstepError) return error.code;
    throw error;
  }
}
