import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../../lambdas/core/watch/parse-record.ts';
import { aRecord } from './a-record.ts';
import { at, RAG } from './a-workspace.ts';

const good = aRecord({ by: RAG, at: at(0), id: 'e1' }) as {
  readonly detail: Readonly<Record<string, unknown>>;
};

/** A good record with anything at all in some of its fields. */
const mangled = fc
  .dictionary(fc.constantFrom(...Object.keys(good.detail)), fc.anything(), { maxKeys: 6 })
  .map((fields) => ({ ...good, detail: { ...good.detail, ...fields } }));

describe('parsing a record', () => {
  it('answers whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), mangled), (payload) => {
        const parsed = parseRecord(payload);
        expect(['access', 'passed']).toContain(parsed.kind);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps only what it knows to be printable or bounded of a mangled record', () => {
    fc.assert(
      fc.property(mangled, (payload) => {
        const parsed = parseRecord(payload);
        if (parsed.kind !== 'access') return;
        const { principal, from = '', eventId, call } = parsed.access;
        expect(principal.key).toMatch(/^[\w+=,.@:/*?~-]{1,256}$/);
        expect(from).toMatch(/^[\w.: -]{0,80}$/);
        expect(eventId).toMatch(/^[\w-]{1,128}$/);
        expect(call).toMatch(/^[A-Za-z]{1,64}$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not look into what an object inherits', () => {
    const inherited: unknown = Object.create(good);
    expect(parseRecord(inherited)).toEqual({ kind: 'passed', why: 'malformed' });
  });

  it.each([null, undefined, 7, 'text', [], {}, { detail: null }, { detail: [] }, { detail: 'x' }])(
    'passes %j as malformed',
    (payload) => expect(parseRecord(payload)).toEqual({ kind: 'passed', why: 'malformed' }),
  );

  it('takes a batch that failed as failed, not as asked', () => {
    const record = aRecord({
      by: RAG,
      at: at(0),
      id: 'e1',
      call: 'BatchGetSecretValue',
      errorCode: 'InternalServiceError',
    });
    expect(parseRecord(record)).toMatchObject({ access: { outcome: 'failed' } });
  });
});
