import { createHmac, hkdfSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseDigest } from '../../../lambdas/core/access/lease-digest.ts';
import {
  isLeaseId,
  isLeaseOf,
  leaseIdIn,
  markIn,
  newLeaseId,
} from '../../../lambdas/core/access/lease-id.ts';
import { duePlace, indexPlaces, minuteOf, pointerId } from '../../../lambdas/core/access/lease-pointers.ts';
import { deploymentMark } from '../../../lambdas/core/deployment-mark.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { MARK, OTHER_MARK } from '../../fakes/marks.ts';

const bytes = fc.uint8Array({ minLength: 18, maxLength: 18 });

describe('the id of a lease', () => {
  it('is 26 characters that a target takes in a name, and nothing else is one', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const id = newLeaseId(MARK, () => random);
        expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
        expect(isLeaseId(id)).toBe(true);
        for (const other of [
          `${id}0`,
          id.slice(1),
          ` ${id.slice(1)}`,
          `${id}\n`,
          `${id.slice(1)}U`,
          `${id.slice(1)}u`,
        ])
          expect(isLeaseId(other)).toBe(false);
      }),
    );
  });

  it('says which deployment made it, in its name at a target as well', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.string(), { minLength: 1 }), (random, identity) => {
        const mark = deploymentMark(...identity);
        const id = newLeaseId(mark, () => random);
        expect([isLeaseOf(mark, id), isLeaseOf(MARK, id)]).toEqual([true, mark === MARK]);
        expect(leaseIdIn('lease_', `lease_${id}`)).toBe(id);
        expect(markIn('lease_', `lease_${id}`)).toBe(mark);
      }),
    );
    expect(
      isLeaseOf(
        OTHER_MARK,
        newLeaseId(MARK, (length) => new Uint8Array(length)),
      ),
    ).toBe(false);
    expect(isLeaseOf(MARK, `${MARK}-and-not-an-id-of-any`)).toBe(false);
  });

  it('keeps all 90 random bits: every letter is as likely as the others', () => {
    const all = Array.from({ length: 256 }, (_, byte) =>
      newLeaseId(MARK, () => new Uint8Array(18).fill(byte)).at(-1),
    );
    const times = new Map<string | undefined, number>();
    for (const letter of all) times.set(letter, (times.get(letter) ?? 0) + 1);
    expect(times.size).toBe(32);
    expect(new Set(times.values())).toEqual(new Set([8]));
  });

  it('asks for its randomness once, and for as much as it needs', () => {
    const asked: number[] = [];
    newLeaseId(MARK, (length) => {
      asked.push(length);
      return new Uint8Array(length);
    });
    expect(asked).toEqual([18]);
  });
});

describe('the digest of a value', () => {
  it('is what its definition says, as another implementation has it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), bytes, (value, random) => {
        const id = newLeaseId(MARK, () => random);
        const key = Buffer.from(hkdfSync('sha256', value, 'lockstep-lease', id, 32));
        expect(leaseDigest(new Secret(value), id)).toBe(createHmac('sha256', key).update(id).digest('hex'));
      }),
    );
  });

  it('stays the same over releases', () => {
    expect(
      leaseDigest(new Secret('{"user":"lockstep_l_0","password":"not-a-real-one"}'), '0'.repeat(26)),
    ).toBe('e4f59a9dc0718f5177c4a7c0412609b042df8f6ff1977332af25e3c7613a03db');
  });
});

describe('where a lease is found again', () => {
  const lease = {
    id: '0'.repeat(26),
    tier: 1,
    holder: 'agent:research-agent',
    leasable: 'store',
    dueAt: '2026-01-01T00:00:30.000Z',
  } as const;

  it('is with whoever holds it, with what was leased, and with whom it is held for', () => {
    expect(indexPlaces(lease).map(({ partition }) => partition)).toEqual([
      'holder:agent:research-agent',
      'leasable:store',
    ]);
    expect(indexPlaces({ ...lease, actingFor: 'person:lena' }).map(({ partition }) => partition)).toContain(
      'acting-for:person:lena',
    );
  });

  it('is in the order of danger', () => {
    const ids = ([2, 0, 1] as const).map((tier) => pointerId({ ...lease, tier }));
    expect(ids.toSorted().map(([tier]) => tier)).toEqual(['0', '1', '2']);
  });

  it('is in the first full minute at which it is due, never before', () => {
    expect(duePlace(lease).partition).toBe('2026-01-01T00:01');
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
        const minute = Date.parse(`${minuteOf(date.toISOString())}:00.000Z`);
        expect(minute - date.getTime()).toBeGreaterThanOrEqual(0);
        expect(minute - date.getTime()).toBeLessThan(60_000);
      }),
    );
  });
});
