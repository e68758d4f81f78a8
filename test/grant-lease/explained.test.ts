import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPolicyEngine } from '../../lambdas/cedar/cedar-engine.ts';
import { askersNamed } from '../../lambdas/cedar/review/askers.ts';
import { brokerAnswer } from '../../lambdas/cedar/review/broker-answer.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';
import { thePolicies } from '../cedar/the-policies.ts';
import { Broker } from './a-broker.ts';
import { ACCESS, CALLERS, INVENTORY, person } from './an-inventory.ts';

// What `policy explain` says beforehand is what the broker answers, also where it refuses before it asks policy.

const inventory = {
  ...INVENTORY,
  workloads: [{ name: 'rag-api', principal: 'arn:aws:iam::111111111111:role/rag-api' }],
  access: {
    ...ACCESS,
    roles: [...ACCESS.roles, { name: 'on-call', groups: [], principals: [] }].map((role) => ({
      ...role,
      secondFactorProved: true,
    })),
    purposeBindings: [...ACCESS.purposeBindings, { principal: 'role:on-call', purposes: ['repair'] }],
  },
};
const policy = openPolicyEngine({ bundle: thePolicies(), inventory });

let broker: Broker;
beforeEach(() => {
  broker = new Broker({ inventory, grant: () => ({ policy }) });
});
afterEach(() => broker.judge.assertClean());

const { rag, finn } = CALLERS;
const olga = person('olga', ['on-call']);

it.each([
  ['workload:rag-api', rag, 'store', { purpose: 'answer' }, 'granted'],
  ['workload:rag-api', rag, 'store', { purpose: 'repair' }, 'PURPOSE_REFUSED'],
  ['workload:rag-api', rag, 'store', { purpose: 'answer', ttlSeconds: 7200 }, 'TTL_REFUSED'],
  ['role:finance', finn, 'payroll', { purpose: 'repair' }, 'approval-needed'],
  ['role:on-call', olga, 'payroll', { purpose: 'repair' }, 'POLICY_DENIED'],
  ['role:on-call', olga, 'payroll', { purpose: 'repair', breakGlass: true }, 'granted'],
] as const)('%s as %o asks for %s with %o: %s', async (name, caller, leasable, wish, expected) => {
  const asked: { purpose: string; ttlSeconds?: number; breakGlass?: boolean } = wish;
  const { purpose, ttlSeconds = 900, breakGlass = false } = asked;
  const [asker] = askersNamed(inventory, name) ?? [];
  if (!asker) throw new TypeError(`${name} is nobody`);
  const { verdict, code } = brokerAnswer(policy, inventory, {
    asker,
    action: 'lease',
    resource: { type: 'Leasable', id: leasable },
    circumstances: { purpose, ttlSeconds, breakGlass, approvals: 0, mfa: true, now: 0 },
  });
  const answered = await broker
    .ask(caller, 'lease', {
      leasable,
      requestId: 'r-1',
      purpose,
      ttlSeconds,
      ...(breakGlass ? { breakGlass: 'nobody answers' } : {}),
    })
    .then(
      ({ status }) => (status === 'issued' ? 'granted' : status),
      (error: unknown) => (isLockstepError(error) ? error.code : 'UNEXPECTED'),
    );
  expect([code ?? verdict, answered]).toEqual([expected, expected]);
});

it('on-call hears what it could have by breaking the glass, and nobody else of it', async () => {
  expect(await broker.ask(olga, 'whoami', {})).toMatchObject({ leasables: [], byBreakingGlass: ['payroll'] });
  expect(await broker.ask(finn, 'whoami', {})).not.toHaveProperty('byBreakingGlass');
});
