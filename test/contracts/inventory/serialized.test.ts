import { expect, it } from 'vitest';
import { resolveInventory } from '../../../lambdas/contracts/inventory/index.ts';
import {
  inventoryDigest,
  parseInventory,
  sealInventory,
  serializeInventory,
} from '../../../lambdas/contracts/inventory/serialized.ts';
import { aWorkspace } from './a-workspace.ts';

function anInventory() {
  const { inventory } = resolveInventory(aWorkspace(), 'staging');
  if (!inventory) throw new Error('the sound workspace has problems');
  return inventory;
}

it('comes back as it was', () => {
  expect(parseInventory(serializeInventory(anInventory()))).toEqual(anInventory());
});

it('refuses a file in which anything was changed', () => {
  const text = serializeInventory(anInventory());
  const changed = text.replace('"drainSeconds":3600', '"drainSeconds":0');
  expect(changed).not.toBe(text);
  expect(() => parseInventory(changed)).toThrow(/its digest does not fit its content/);
});

it.each([
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '{"environment":"staging"}',
  '{"environment":1,"digest":"","credentials":[]}',
])('refuses %s without quoting it', (text) => {
  expect(() => parseInventory(text)).toThrow(
    expect.objectContaining({ code: 'INVENTORY_INVALID', remedy: 'operator' }),
  );
});

it('does not pass on what a parser says of the text', () => {
  const secret = 'sk-not-a-real-one';
  expect(() => parseInventory(`{ ${secret}`)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining(secret) }),
  );
});

it('has one digest for one content, whatever the order of its fields', () => {
  const { digest, ...body } = anInventory();
  const turned = Object.fromEntries(Object.entries(body).toReversed()) as typeof body;
  expect(inventoryDigest(turned)).toBe(digest);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(inventoryDigest({ ...body, environment: 'production' })).not.toBe(digest);
});

it('keeps nothing that JSON would lose', () => {
  const { digest: _, ...body } = anInventory();
  const [first] = body.credentials;
  const loose = { ...body, credentials: [{ ...first, target: { ca: undefined } }] } as typeof body;
  expect(sealInventory(loose).credentials[0]?.target).toStrictEqual({});
});
