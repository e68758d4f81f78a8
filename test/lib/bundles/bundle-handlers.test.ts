import { expect, it } from 'vitest';
import { bundleHandlers } from '../../../lib/bundles/bundle-handlers.ts';
import { HANDLERS } from '../../../lib/bundles/handlers.ts';

const text = (code: Uint8Array | undefined): string => Buffer.from(code ?? []).toString('utf8');

it('bundles what is asked for, in order, with a map beside the code', { timeout: 120_000 }, () => {
  const asked = HANDLERS.filter(({ name }) => name === 'page-on-call' || name === 'append-audit');
  const bundles = bundleHandlers(asked);
  expect([...bundles.keys()]).toEqual(asked.map(({ name }) => name));
  for (const { code, map } of bundles.values()) {
    expect(text(code)).toMatch(/sourceMappingURL=index\.mjs\.map\s*$/);
    expect(JSON.parse(text(map))).not.toHaveProperty('sourcesContent');
  }
});

it('gives `require` to the bundle whose driver asks for it, and to no other', { timeout: 120_000 }, () => {
  const bundles = bundleHandlers(
    HANDLERS.filter(({ name }) => name === 'target-postgres' || name === 'target-openai'),
  );
  expect(text(bundles.get('target-postgres')?.code)).toMatch(/^import\{createRequire as/);
  expect(text(bundles.get('target-openai')?.code)).not.toContain('createRequire');
});

it('knows who reads an inventory', { timeout: 120_000 }, () => {
  const bundles = bundleHandlers(
    HANDLERS.filter(({ name }) => name === 'append-audit' || name === 'reconcile'),
  );
  expect(bundles.get('append-audit')?.readsInventory).toBe(false);
  expect(bundles.get('reconcile')?.readsInventory).toBe(true);
});
