import { expect, it } from 'vitest';
import { auditEntry, auditRecord, sealedHead } from '../../lambdas/contracts/audit-shapes.ts';
import { fit } from '../../lambdas/contracts/check.ts';
import { continueChain, recordHash, type AuditEntry } from '../../lambdas/core/audit/record.ts';

const entry: AuditEntry = {
  id: 'e1',
  chain: 'vector-store',
  type: 'outcome',
  action: 'promote',
  at: '2026-11-24T09:00:00.000Z',
  who: { kind: 'operator', name: 'arn:aws:iam::111122223333:role/ops', via: 'operate' },
  what: { credential: 'vector-store', rotation: 'r1', version: 'v1' },
  why: { cause: 'operator', reason: 'because' },
  result: { outcome: 'done' },
};
const take = (value: unknown): AuditEntry => fit(auditEntry, value, 'MALFORMED_REQUEST', 'an entry');

it('an entry comes back whole, also what this version does not know: its hash is over all of it', () => {
  expect(take(entry)).toEqual(entry);
  const newer = { ...entry, sinceVersion2: { more: true } };
  expect(take(newer)).toEqual(newer);
  const record = continueChain(undefined, newer);
  expect(recordHash(fit(auditRecord, JSON.parse(JSON.stringify(record)), 'AUDIT_BROKEN', 'a record'))).toBe(
    record.hash,
  );
});

const leased: AuditEntry = {
  ...entry,
  action: 'lease',
  who: {
    kind: 'agent',
    name: 'helper',
    principal: 'arn:aws:iam::111122223333:role/helper',
    session: 'run-1',
    source: '192.0.2.7',
    actingFor: {
      name: 'lena',
      principal: 'https://id.example|lena',
      tokenId: 't',
      roles: [],
      secondFactor: 'proved',
    },
  },
  what: { credential: 'vector-reader', lease: 'l', ttlSeconds: '900', until: entry.at },
  why: {
    cause: 'lease',
    policies: ['p'],
    answers: [{ of: 'caller', says: 'allowed', policies: ['p'] }],
    decidedBy: { policies: 'd', inventory: 'd' },
  },
};

it('an entry of a lease comes back with everything that says who and why', () => {
  expect(take(leased)).toEqual(leased);
});

it.each<[string, unknown]>([
  ['who.source', { who: { ...leased.who, source: 7 } }],
  [
    'who.actingFor.secondFactor',
    { who: { ...leased.who, actingFor: { name: 'lena', secondFactor: 'maybe' } } },
  ],
  ['what.ttlSeconds', { what: { ...leased.what, ttlSeconds: 900 } }],
  ['what.until', { what: { ...leased.what, until: 'soon' } }],
  ['why.answers', { why: { ...leased.why, answers: [{ of: 'nobody', says: 'allowed', policies: [] }] } }],
  ['why.decidedBy', { why: { ...leased.why, decidedBy: { policies: 'd' } } }],
])('an entry whose %s is none is refused', (path, other) => {
  expect(() => take({ ...leased, ...(other as object) })).toThrow(
    expect.objectContaining({ message: expect.stringContaining(path) as string }),
  );
});

it.each(['id', 'chain', 'type', 'action', 'at', 'who', 'what', 'why'])(
  'an entry without %s is refused',
  (field) => {
    const { [field as 'id']: _gone, ...rest } = entry;
    expect(() => take(rest)).toThrow(
      expect.objectContaining({
        code: 'MALFORMED_REQUEST',
        message: expect.stringContaining(field) as string,
      }),
    );
  },
);

it('a head without a signature is refused', () => {
  const head = { origin: 'o', number: 1, at: entry.at, previous: '0'.repeat(64), tails: [] };
  expect(() => fit(sealedHead, { head, publicKey: 'a' }, 'AUDIT_BROKEN', 'a head')).toThrow(
    expect.objectContaining({ code: 'AUDIT_BROKEN' }),
  );
  expect(fit(sealedHead, { head, publicKey: 'a', signature: 'b' }, 'AUDIT_BROKEN', 'a head')).toMatchObject({
    head,
  });
});
