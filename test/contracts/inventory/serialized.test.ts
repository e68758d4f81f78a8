import { expect, it } from 'vitest';
import { resolveInventory } from '../../../lambdas/contracts/inventory/index.ts';
import {
  inventoryDigest,
  sealInventory,
  serializeInventory,
} from '../../../lambdas/contracts/inventory/serialized.ts';
import { aWorkspace } from './a-workspace.ts';

function anInventory() {
  const { inventory } = resolveInventory(aWorkspace(), 'staging');
  if (!inventory) throw new Error('the sound workspace has problems');
  return inventory;
}

it('has one text for one content, and comes back from it as it was', () => {
  const { credentials, ...rest } = anInventory();
  expect(serializeInventory({ credentials, ...rest })).toBe(serializeInventory({ ...rest, credentials }));
  expect(JSON.parse(serializeInventory(anInventory()))).toStrictEqual(anInventory());
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
