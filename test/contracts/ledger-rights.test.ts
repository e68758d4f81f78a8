import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LEDGER_RIGHTS, type LedgerUser } from '../../lambdas/contracts/ledger-rights.ts';
import type { Family } from '../../lambdas/core/ports/ledger.ts';
import { build } from 'esbuild';
import { HANDLERS } from '../../lib/bundles/handlers.ts';

/*
 * On AWS a function that reads a family which its role may not read fails at night. So the table is compared with the
 * code: every family that the sources of a handler name, in calls of the ledger, has to be in its rights.
 */

/** `read('lock', …)`, `list('intent', …)`, `page(…)`, `create('refusal', …)`, pointers, and places of `amendRow`. */
const NAMED =
  /(?:ledger\s*\.\s*(read|list|page)\(\s*|\b(create|placeIn)\(\s*|\bfamily:\s*(?='[a-z-]+',\s*partition))'([a-z-]+)'/g;

interface Named {
  readonly families: ReadonlySet<Family>;
  readonly read: ReadonlySet<Family>;
  readonly listed: ReadonlySet<Family>;
  readonly created: ReadonlySet<Family>;
  readonly publishes: boolean;
}

/** What the sources that end up in a bundle name. */
async function namedIn(path: string): Promise<Named> {
  const { metafile } = await build({
    entryPoints: [path],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    write: false,
    metafile: true,
    treeShaking: true,
    minifySyntax: true,
    logLevel: 'error',
  });
  const [output] = Object.values(metafile.outputs);
  const sources = Object.entries(output?.inputs ?? {})
    .filter(
      ([file, { bytesInOutput }]) =>
        bytesInOutput > 0 && !file.includes('/adapters/') && !file.includes('/contracts/'),
    )
    .map(([file]) => readFileSync(file, 'utf8'));
  const found = sources
    .flatMap((source) => [...source.matchAll(NAMED)])
    // A place of `amendRow` is read before it is written.
    .map(([, asked, create, family]) => ({ how: asked ?? create ?? 'read', family: family as Family }));
  const named = (...ways: readonly string[]): ReadonlySet<Family> =>
    new Set(found.filter(({ how }) => ways.includes(how)).map(({ family }) => family));
  return {
    families: new Set(found.map(({ family }) => family)),
    read: named('read'),
    listed: named('list', 'page'),
    created: named('create', 'placeIn'),
    publishes: sources.some((source) => /outbox\.markPublished/.test(source)),
  };
}

const userOf = (name: string): LedgerUser | undefined => {
  const key = name.replace(/^target-.*/, 'target').replace(/^tell-.*/, 'tell');
  return key in LEDGER_RIGHTS ? (key as LedgerUser) : undefined;
};

/** Those of the access stack, where something can be leased. */
const ACCESS_HANDLERS = ['grant-lease', 'sweep-leases'].map((name) => ({
  name,
  path: `lambdas/${name}/handler.ts`,
}));

const users = [...HANDLERS, ...ACCESS_HANDLERS].flatMap(({ name, path }) => {
  const user = userOf(name);
  return user ? [{ name, path, user }] : [];
});

describe('the rights on the ledger', () => {
  it.each(users)('$name may touch exactly the families that its code names', async ({ path, user }) => {
    const { families, read, listed, created, publishes } = await namedIn(path);
    const { reads, lists, writes, outbox } = LEDGER_RIGHTS[user];
    expect([...new Set([...reads, ...lists, ...writes])].sort()).toEqual([...families].sort());
    expect([...reads].sort()).toEqual([...read].sort());
    expect([...lists].sort()).toEqual([...listed].sort());
    expect(writes).toEqual(expect.arrayContaining([...created]));
    expect(outbox.includes('removes')).toBe(publishes);
  });

  it('are asked of every function that is told where the ledger is', () => {
    expect([...new Set(users.map(({ user }) => user))].sort()).toEqual(Object.keys(LEDGER_RIGHTS).sort());
  });
});
