import { describe, expect, it } from 'vitest';
import { NO_ACCESS, type LeaseAuthority } from '../../lambdas/core/access/access-inventory.ts';
import { aRecord } from '../core/watch/a-record.ts';
import {
  ADOPTER,
  at,
  INVENTORY,
  OWN,
  POSTGRES_FUNCTION,
  RAG,
  ROOT,
  secret,
} from '../core/watch/a-workspace.ts';
import { aWatch } from './a-watch.ts';

const authority: LeaseAuthority = {
  name: 'lease-admin',
  kind: 'postgres',
  owner: 'data-platform',
  adopters: [ADOPTER],
  supplyEverySeconds: 7_776_000,
  target: {},
};
const inventory = { ...INVENTORY, access: { ...NO_ACCESS, leaseAuthorities: [authority] } };

/** What is found of a read, and what people are told that it was of. */
const found = async (by: string, refused = false): Promise<readonly (string | undefined)[]> => {
  const watch = aWatch(inventory);
  await watch.detect(aRecord({ by, of: secret('lease-admin'), at: at(40), id: 'e1', refused }));
  const [finding] = await watch.findings();
  expect(watch.pages()).toHaveLength(finding ? 1 : 0);
  const told = finding?.reasons.some((reason) => reason.includes('of lease authority lease-admin'));
  return finding && told === true ? [finding.rule, finding.severity] : (finding?.reasons ?? []);
};

describe('the secret by which leases are made', () => {
  it('is read by the lease function of its kind, and by whoever supplies it', async () => {
    expect(await found(OWN('lease-postgres'))).toEqual([]);
    expect(await found(ADOPTER)).toEqual([]);
  });

  it.each([
    ['the broker', OWN('grant-lease')],
    ['the sweeper', OWN('sweep-leases')],
    ['the lease function of another kind', OWN('lease-openai')],
    ['a function that rotates', POSTGRES_FUNCTION],
    ['a workload', RAG],
  ])('is a finding when %s reads it, served or refused', async (_, by) => {
    expect(await found(by)).toEqual(['unbound-read', 'critical']);
    expect(await found(by, true)).toEqual(['unbound-read', 'high']);
  });

  it('is a finding when root reads it', async () => {
    expect(await found(ROOT)).toEqual(['root-read', 'critical']);
  });
});
