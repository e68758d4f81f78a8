import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../../lambdas/core/watch/parse-record.ts';
import { namedSecret } from '../../../lambdas/core/watch/secret-name.ts';

interface Vector {
  readonly about: string;
  readonly input: unknown;
  readonly expected:
    | { readonly kind: 'passed'; readonly why: string }
    | {
        readonly kind: 'access';
        readonly call: string;
        readonly isRead: boolean;
        readonly outcome: string;
        readonly secrets: readonly string[];
        readonly principal: { readonly type: string; readonly key: string; readonly identity: string };
        readonly session?: string;
        readonly eventId?: string;
        readonly versionId?: string;
        readonly versionStage?: string;
      };
}

const FOLDER = new URL('../../vectors/cloudtrail/', import.meta.url);
const FILES = readdirSync(FOLDER).sort();
const DECLARED = ['vector-store', 'db-abcdef', 'queue', 'queue-abc123'].map(
  (name) => `lockstep/production/${name}`,
);
const isDeclared = (name: string): boolean => DECLARED.includes(name);

const read = (file: string): Vector => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Vector;

/** What a vector says, as far as the parsed record can say it. */
function parsedAs({ input, expected }: Vector): unknown {
  const parsed = parseRecord(input);
  if (parsed.kind === 'passed' || expected.kind === 'passed') return parsed;
  const { call, isRead, outcome, principal, secretIds, versionId, versionStage, eventId } = parsed.access;
  const { type, key, identity, session } = principal;
  return {
    kind: parsed.kind,
    call,
    isRead,
    outcome,
    secrets: [...new Set(secretIds.map((id) => namedSecret(id, isDeclared).name))],
    principal: { type, key, identity },
    ...(versionId === undefined ? {} : { versionId }),
    ...(versionStage === undefined ? {} : { versionStage }),
    // Most vectors leave these two open.
    ...(expected.session === undefined ? {} : { session }),
    ...(expected.eventId === undefined ? {} : { eventId }),
  };
}

describe('the shapes of CloudTrail records', () => {
  it('has a vector for every shape that is known', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(60);
  });

  it.each(FILES.map((file) => ({ file, ...read(file) })))('$file: $about', (vector) => {
    expect(parsedAs(vector)).toEqual(vector.expected);
  });

  it('reads every envelope and its bare record alike', () => {
    const enveloped = FILES.map(read).flatMap(({ input, expected }) => {
      const bare = (input as { readonly detail?: unknown }).detail;
      // A bare record has no source to disagree with.
      const isForged = expected.kind === 'passed' && expected.why === 'mismatched';
      return bare === undefined || isForged ? [] : [{ input, bare }];
    });
    expect(enveloped.map(({ bare }) => parseRecord(bare))).toEqual(
      enveloped.map(({ input }) => parseRecord(input)),
    );
    expect(enveloped.length).toBeGreaterThan(50);
  });
});
