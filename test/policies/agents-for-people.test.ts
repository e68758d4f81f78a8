import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPolicyEngine } from '../../lambdas/cedar/cedar-engine.ts';
import type { CallingAgent, Person } from '../../lambdas/core/access/caller.ts';
import { effectiveRight, type Right } from '../../lambdas/core/policy/effective-right.ts';
import { anInventory } from '../cedar/an-inventory.ts';
import { thePolicies } from '../cedar/the-policies.ts';

const proved = { proof: 'token', principal: 'somebody', claims: {} } as const;
const person = fc.record({
  roles: fc.subarray(['on-call', 'retrieval', 'agents']),
  mfa: fc.constantFrom(true, true, false),
});
const request = fc.record({
  environment: fc.constantFrom('staging', 'production'),
  action: fc.constantFrom('lease', 'renew'),
  resource: fc.constantFrom('vector-reader', 'db-owner', 'model-session'),
  purpose: fc.constantFrom('answer-questions', 'investigate'),
  ttlSeconds: fc.constantFrom(900, 1801, 3600, 3601),
  approvals: fc.subarray(['ada', 'bob', 'eve']),
  breakGlass: fc.constantFrom(false, false, false, true),
});

const engines = new Map(
  ['staging', 'production'].map((name) => [
    name,
    openPolicyEngine({ bundle: thePolicies(), inventory: anInventory(name) }),
  ]),
);

/** What the person may by themselves, and what the agent may for them, of one and the same request. */
function rights(who: Pick<Person, 'roles' | 'mfa'>, { action, resource, ...asked }: ValueOf<typeof request>) {
  const engine = engines.get(asked.environment);
  if (!engine) throw new Error('an environment without an engine');
  const ada: Person = { ...proved, is: 'person', name: 'ada', ...who };
  const helper: CallingAgent = {
    ...proved,
    is: 'agent',
    name: 'research-agent',
    workload: 'agent-runner',
    actingFor: ada,
  };
  const rightOf = (caller: Person | CallingAgent) =>
    effectiveRight(engine, {
      caller,
      action,
      resource: { type: 'Leasable', id: resource },
      context: { ...asked, now: Date.parse('2026-11-28T12:00:00.000Z') },
    });
  return { own: rightOf(ada), forThem: rightOf(helper) };
}

type ValueOf<T> = T extends fc.Arbitrary<infer Value> ? Value : never;

describe('an agent that acts for a person', () => {
  it('gets nothing that the person would not get, and with no fewer approvals', () => {
    const seen = { given: 0 };
    const isNoMore = fc.property(person, request, (who, asked) => {
      const { own, forThem } = rights(who, asked);
      if (forThem.allowed) seen.given += 1;
      // Nothing is needed of whoever is allowed; what no approval gives needs more than any.
      const needs = ({ allowed, approvalsNeeded }: Right) => (allowed ? 0 : (approvalsNeeded ?? Infinity));
      expect(needs(own)).toBeLessThanOrEqual(needs(forThem));
    });
    // Few are given anything: chance alone must not decide whether one was.
    for (let batch = 0; batch < 5 && seen.given === 0; batch += 1) fc.assert(isNoMore, { numRuns: 200 });
    expect(seen.given).toBeGreaterThan(0);
  });

  it('needs in production the approval that the person needs', () => {
    const asked = {
      environment: 'production',
      action: 'lease',
      resource: 'model-session',
      purpose: 'answer-questions',
      ttlSeconds: 900,
      approvals: [],
      breakGlass: false,
    } as const;
    const who = { roles: ['agents'], mfa: true };
    expect(rights(who, { ...asked, approvals: [] })).toMatchObject({
      own: { allowed: false, approvalsNeeded: 1 },
      forThem: { allowed: false, approvalsNeeded: 1 },
    });
    expect(rights(who, { ...asked, approvals: ['bob'] }).forThem.allowed).toBe(true);
  });
});
