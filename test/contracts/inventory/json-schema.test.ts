import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import config from '../../../lockstep.config.ts';
import {
  inventoryJsonSchema,
  inventorySchemaText,
} from '../../../lambdas/contracts/inventory/json-schema.ts';
import { aWorkspace, workspaceWith } from './a-workspace.ts';

const published = readFileSync(
  new URL('../../../docs/formats/inventory.schema.json', import.meta.url),
  'utf8',
);
const schema = z.fromJSONSchema(JSON.parse(published) as Parameters<typeof z.fromJSONSchema>[0]);

it('is published as it is: if not, run scripts/write-inventory-schema.ts', () => {
  expect(published).toBe(inventorySchemaText());
});

it('is JSON Schema 2020-12 with a title, and refers only to what it defines', () => {
  expect(inventoryJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Lockstep inventory',
  });
  const { $defs } = JSON.parse(published) as { readonly $defs: Readonly<Record<string, unknown>> };
  const references = [...published.matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(references)).toEqual(new Set(Object.keys($defs)));
});

it('takes what the builders make', () => {
  expect(schema.safeParse(JSON.parse(JSON.stringify(config))).success).toBe(true);
  expect(schema.safeParse(JSON.parse(JSON.stringify(aWorkspace()))).success).toBe(true);
});

it.each([
  ['an unknown field', { 'credentials.store.sluts': [] }],
  ['an unknown kind', { 'credentials.store.kind': 'oracle' }],
  ['a missing field', { 'credentials.store.database': undefined }],
  ['a number for a duration', { 'credentials.store.rotateEvery': 7 }],
  ['dependents of an authority', { 'credentials.db-admin.dependents': [] }],
  ['an account that is no account', { 'environments.staging.account': '123' }],
  ['an account of the embedded world', { 'environments.local.account': '111111111111' }],
])('refuses %s', (_, change) => {
  expect(schema.safeParse(workspaceWith(change)).success).toBe(false);
});
