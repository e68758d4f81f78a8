import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadPolicies } from '../../lib/load-policies.ts';
import { anAccess, anInventory } from '../cedar/an-inventory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-policies-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (text: string): void => writeFileSync(join(folder, 'all.cedar'), text);

it('loads nothing where nothing can be leased', async () => {
  write('permit (');
  expect(await loadPolicies(folder, [anInventory('staging', anAccess({ leasables: [] }))])).toEqual({
    problems: [],
  });
});

it.each([
  ['no policy', ''],
  ['a policy that cannot be read', '@id("a") permit ('],
  [
    'a policy that does not validate',
    '@id("a") permit (principal, action, resource) when { resource.teir == 0 };',
  ],
  ['a name that nobody has', '@id("a") permit (principal in Lockstep::Role::"admin", action, resource);'],
  ['tier 0 without a second person', '@id("a") permit (principal, action, resource);'],
])(
  'refuses %s before anything is synthesized',
  async (_, text) => {
    write(text);
    const { policies, problems } = await loadPolicies(folder, [anInventory('staging')]);
    expect(policies).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  },
  60_000,
);
