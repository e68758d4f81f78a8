import { describe, expect, it } from 'vitest';
import { CREDENTIAL_KINDS } from '../../lambdas/contracts/kinds.ts';
import type { Rotator } from '../../lambdas/core/ports/rotator.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { openaiAuthorityRotator } from '../../lambdas/rotators/openai/authority-rotator.ts';
import { openaiRotator } from '../../lambdas/rotators/openai/rotator.ts';
import { postgresAuthorityRotator } from '../../lambdas/rotators/postgres/postgres-authority-rotator.ts';
import { postgresRotator } from '../../lambdas/rotators/postgres/postgres-rotator.ts';
import { randomRotator } from '../../lambdas/rotators/random/rotator.ts';
import { codeBlocks, page } from './code-blocks.ts';

const PAGE = 'docs/formats/values.md';
const NEVER = (): never => {
  throw new Error('reading a value asks nobody');
};
const ports = { clock: NEVER, newId: NEVER, randomBytes: NEVER, sleep: NEVER, fetch: NEVER, post: NEVER };

/** The rotator of each kind, and where on the page its example stands. */
const KINDS: readonly { readonly kind: string; readonly rotator: Rotator; readonly key: string }[] = [
  { kind: 'postgres', rotator: postgresRotator(ports), key: 'username' },
  { kind: 'postgres-authority', rotator: postgresAuthorityRotator(ports), key: 'username' },
  { kind: 'openai', rotator: openaiRotator(ports), key: 'serviceAccountId' },
  { kind: 'openai-authority', rotator: openaiAuthorityRotator(ports), key: 'keyId' },
  { kind: 'random', rotator: randomRotator(ports), key: 'keyId' },
];
const examples = codeBlocks(PAGE, 'json').map(
  (json) => JSON.parse(json) as Readonly<Record<string, unknown>>,
);

describe('docs/formats/values.md', () => {
  it('has a chapter and an example for every kind', () => {
    const chapters = [...page(PAGE).matchAll(/^## `([a-z-]+)`$/gm)].map(([, kind = '']) => kind);
    expect([...chapters].sort()).toEqual(CREDENTIAL_KINDS.map(({ name }) => name).sort());
    expect(KINDS.map(({ kind }) => kind)).toEqual(chapters);
    expect(examples).toHaveLength(KINDS.length);
  });

  it.each(KINDS.map((each, index) => ({ ...each, value: examples[index] ?? {} })))(
    'shows a value of $kind that is taken, and what its public half is',
    ({ rotator, key, value }) => {
      expect(rotator.keyOf(new Secret(JSON.stringify(value)))).toBe(value[key]);
      expect(page(PAGE)).toContain(`The key is \`${key}\``);
    },
  );

  it.each(KINDS.map((each, index) => ({ ...each, value: examples[index] ?? {} })))(
    'shows of $kind no field that may be missing',
    ({ rotator, value }) => {
      for (const name of Object.keys(value)) {
        const { [name]: _left, ...rest } = value;
        expect(() => rotator.keyOf(new Secret(JSON.stringify(rest)))).toThrow(/should be/);
      }
    },
  );
});
