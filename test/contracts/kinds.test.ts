import { expect, it } from 'vitest';
import type * as z from 'zod';
import {
  CREDENTIAL_KINDS,
  credentialKind,
  DEPENDENT_KINDS,
  dependentKind,
  FAMILIES,
  LEASER_KINDS,
} from '../../lambdas/contracts/kinds.ts';
import { leaseCapabilities } from '../../lambdas/contracts/lease-capabilities.ts';
import { TOLD_KINDS } from '../../lambdas/contracts/routes.ts';
import { allowedBy } from '../../lambdas/contracts/inventory/structural-problems.ts';
import { FAST } from '../../lambdas/contracts/inventory/fast-cadence.ts';

const byName = CREDENTIAL_KINDS.map((kind) => [kind.name, kind] as const);

it('finds every kind by its name, and each name once', () => {
  for (const kind of CREDENTIAL_KINDS) expect(credentialKind(kind.name)).toBe(kind);
  for (const kind of DEPENDENT_KINDS) expect(dependentKind(kind.name)).toBe(kind);
  expect(credentialKind('oracle')).toBeUndefined();
  expect(dependentKind('oracle')).toBeUndefined();
});

it('knows of every kind of lease what it can do, without its schema', () => {
  for (const { name, capabilities } of LEASER_KINDS) expect(leaseCapabilities(name)).toBe(capabilities);
  expect(leaseCapabilities('oracle')).toBeUndefined();
  expect(leaseCapabilities('toString')).toBeUndefined();
});

it('shows the token of a holder to the kinds of lease that say whose it has to be, and to no others', () => {
  for (const kind of LEASER_KINDS)
    expect('holderTokens' in kind).toBe(leaseCapabilities(kind.name)?.takesHolderToken === true);
});

it('routes changes to exactly the kinds of dependent that somebody has to tell', () => {
  expect(DEPENDENT_KINDS.filter(({ isTold }) => isTold).map(({ name }) => name)).toEqual([...TOLD_KINDS]);
});

it('has one target function for each family', () => {
  expect(FAMILIES).toEqual(['postgres', 'openai', 'random']);
});

const underAuthority = byName.filter(([, kind]) => kind.authorityKind !== undefined);

it.each(underAuthority)('%s has an authority of its own family', (_, kind) => {
  expect(credentialKind(kind.authorityKind ?? '')).toMatchObject({ isAuthority: true, family: kind.family });
});

it('copies nothing where there is no authority to copy from', () => {
  const alone = CREDENTIAL_KINDS.filter((kind) => kind.authorityKind === undefined);
  expect(alone.flatMap(({ fromAuthority }) => fromAuthority)).toEqual([]);
});

it.each(byName)('%s speaks only of fields that its target has', (_, kind) => {
  const fields = Object.keys(kind.target.shape);
  for (const field of [...kind.environmentBound, ...kind.fromAuthority]) expect(fields).toContain(field);
  const source = kind.authorityKind === undefined ? undefined : credentialKind(kind.authorityKind);
  for (const field of kind.fromAuthority) expect(Object.keys(source?.target.shape ?? {})).toContain(field);
});

it.each(byName)('%s says in words what each field takes: problems are written from it', (_, kind) => {
  for (const schema of Object.values(kind.target.shape))
    expect(allowedBy(schema as z.ZodType)).not.toBe(allowedBy(undefined));
});

it.each(byName)('%s can hold the cadence of the embedded world', (_, kind) => {
  expect(FAST.rotateEverySeconds).toBeGreaterThanOrEqual(kind.minimumCadenceSeconds);
});

it('has an embedded world in which every rotation is over before the next one', () => {
  const { cacheTtlSeconds, poolLifetimeSeconds, drainSeconds, soakSeconds, deadlineSeconds } = FAST;
  expect(drainSeconds).toBeGreaterThanOrEqual(cacheTtlSeconds);
  expect(deadlineSeconds).toBeGreaterThan(cacheTtlSeconds + 2 * poolLifetimeSeconds);
  expect(FAST.rotateEverySeconds).toBeGreaterThan(
    cacheTtlSeconds + drainSeconds + soakSeconds + deadlineSeconds,
  );
});
