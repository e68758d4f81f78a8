import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { decideIssue, decideRenewal } from '../../../lambdas/leasers/postgres/lease-decision.ts';
import { commentOf, memoryIn } from '../../../lambdas/leasers/postgres/lease-memory.ts';
import { leaseIdIn } from '../../../lambdas/core/access/lease-id.ts';
import { LEASE_PREFIX, endOfPrefix, graveOf, roleOf } from '../../../lambdas/leasers/postgres/lease-names.ts';
import { assertNewEnough, readState } from '../../../lambdas/leasers/postgres/lease-state.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const clock = () => new Date(NOW);
const subject = { endpoint: { host: 'db.example.com', port: 5432 }, role: 'lease_admin', database: 'rag' };
const LEASE = '0123456789abcdefghjkmnpqrs';
const memory = {
  lease: LEASE,
  environment: 'staging',
  leasable: 'vector-store',
  holder: 'workload:rag-api',
  purpose: 'answer-questions',
  fence: 3,
};
const row = {
  version: 160_004,
  now: NOW,
  canLogin: true,
  validUntil: NOW + 60_000,
  comment: commentOf(memory),
  granted: ['rag_owner'],
  isBuried: false,
};

const errorOf = (act: () => unknown): LockstepError => {
  try {
    act();
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('a PostgreSQL that is too old for leases', () => {
  it.each([140_012, 150_004, 159_999, 0])('(%d) is refused by name, with what to do', (version) => {
    for (const act of [
      () => assertNewEnough(version, subject),
      () => readState({ ...row, version }, subject, clock, clock()),
    ]) {
      const error = errorOf(act);
      expect(error.code).toBe('NOT_SUPPORTED');
      expect(error.message).toContain(`is version ${Math.floor(version / 10_000)}: leases need 16 or newer`);
      expect(error.message).toContain('upgrade the server');
    }
  });

  it('is not one that is new enough', () => {
    expect(readState(row, subject, clock, clock()).role).toMatchObject({ canLogin: true, memory });
    expect(readState({ ...row, version: 180_000 }, subject, clock, clock()).now).toBe(NOW);
  });
});

describe('what is known of a lease', () => {
  it('is nothing where there is no role', () => {
    const state = readState(
      { ...row, canLogin: null, validUntil: null, comment: null },
      subject,
      clock,
      clock(),
    );
    expect(state).toEqual({ now: NOW, isBuried: false });
  });

  it('has a name that fits into the 63 bytes of a role, and gives its lease back', () => {
    expect(roleOf(LEASE).length).toBeLessThanOrEqual(63);
    expect(leaseIdIn(LEASE_PREFIX, roleOf(LEASE))).toBe(LEASE);
    for (const other of [
      graveOf(LEASE),
      `${roleOf(LEASE)}x`,
      'lockstep_l_',
      'rag_a',
      roleOf(LEASE.toUpperCase()),
    ])
      expect(leaseIdIn(LEASE_PREFIX, other)).toBeUndefined();
  });

  it.each(['0', '9', 'a', 'z'])(
    'is in the range of names of its deployment, and of no other’s, where a mark ends in %s',
    (last) => {
      const ours = `${LEASE_PREFIX}0000000${last}`;
      const isIn = (name: string): boolean => name >= ours && name < endOfPrefix(ours);
      expect([ours, `${ours}${'0'.repeat(18)}`, `${ours}${'z'.repeat(18)}`, `${ours}~`].map(isIn)).toEqual([
        true,
        true,
        true,
        true,
      ]);
      const others = ['0', '9', 'a', 'z', '`', '{'].filter((each) => each !== last);
      for (const other of others) expect(isIn(`${LEASE_PREFIX}0000000${other}${'0'.repeat(18)}`)).toBe(false);
    },
  );

  it.each([null, '', 'a slot', '{', '{"lockstep":1}', '{"lockstep":{"fence":"3"}}', '[]', 'null'])(
    'is nothing in a comment that the leaser did not write: %j',
    (comment) => {
      expect(memoryIn(comment)).toBeUndefined();
    },
  );

  it('is written so that it can be read', () => {
    expect(memoryIn(commentOf({ ...memory, ended: true }))).toEqual({ ...memory, ended: true });
  });
});

describe('a change that comes too late', () => {
  const state = readState(row, subject, clock, clock());
  const gone = { now: NOW, isBuried: false };
  const times = { expiresAt: '2026-01-01T13:00:00.000Z', notAfter: '2026-01-01T12:00:00.000Z' };

  it('is one of an issue that has ended, is over, or is older than what has been there', () => {
    expect(decideIssue(gone, { leaseId: LEASE, fence: 1 }, times)).toBe('make');
    expect(decideIssue(state, { leaseId: LEASE, fence: 3 }, times)).toBe('make again');
    for (const late of [
      { ...gone, isBuried: true },
      { ...gone, now: NOW + 1 },
    ])
      expect(errorOf(() => decideIssue(late, { leaseId: LEASE, fence: 9 }, times)).code).toBe('FENCED_OFF');
    expect(errorOf(() => decideIssue(state, { leaseId: LEASE, fence: 2 }, times)).code).toBe('FENCED_OFF');
  });

  it('is a renewal of what lets nobody in any more', () => {
    expect(decideRenewal(state, { leaseId: LEASE, fence: 3 })).toBe('move');
    for (const over of [
      gone,
      { ...state, isBuried: true },
      { ...state, now: NOW + 60_000 },
      readState({ ...row, canLogin: false }, subject, clock, clock()),
    ])
      expect(errorOf(() => decideRenewal(over, { leaseId: LEASE, fence: 9 })).code).toBe('LEASE_OVER');
  });
});
