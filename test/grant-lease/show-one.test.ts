import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Caller } from '../../lambdas/core/access/caller.ts';
import { ACCESS, agent, CALLERS, INVENTORY, person } from './an-inventory.ts';
import { approveBy, askFor } from './approved.ts';
import { Broker } from './a-broker.ts';

const { rag, lead, finn, fred, faye, security, stranger, guest } = CALLERS;
const bob = person('bob', ['retrieval-lead']);

let broker: Broker;
beforeEach(() => {
  broker = new Broker();
});
afterEach(() => broker.judge.assertClean());

const show = (caller: Caller, lease: string) => broker.ask(caller, 'leases', { lease });

it('one lease is shown to its holder, to whom it is held for, and to whoever may revoke it', async () => {
  const forLead = agent('research-agent', lead);
  const { lease } = await broker.lease(forLead, 'store');
  for (const who of [forLead, lead, person('lena', []), bob, security])
    expect(await show(who, lease.id), who.name).toMatchObject({
      leases: [{ id: lease.id, phase: 'live' }],
      detail: {
        tier: 1,
        target: 'lease-admin',
        principal: 'arn:aws:iam::111111111111:role/research-agent',
        policies: ['agents-may-answer', 'retrieval-uses-its-store'],
        key: (await broker.row(lease.id))?.key,
      },
    });
  // who speaks through the same agent learns of nobody else; nor does anybody of an id that there is not
  for (const who of [agent('research-agent', bob), rag, stranger, guest, finn])
    expect(await show(who, lease.id), who.name).toEqual({ leases: [] });
  for (const id of ['0'.repeat(26), 'nonsense', '']) expect(await show(security, id)).toEqual({ leases: [] });
});

it('has no value, and nothing that a value could be told by', async () => {
  const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
  const { detail } = await show(rag, lease.id);
  expect(Object.keys(detail ?? {}).sort()).toEqual([
    'key',
    'policies',
    'principal',
    'requestId',
    'target',
    'tier',
  ]);
});

it('is there when it is over, with who agreed to it', async () => {
  const { id, ask } = await askFor(broker, finn);
  await approveBy(broker, id, fred, faye);
  const { lease } = await broker.lease(finn, 'payroll', { ...ask, approval: id });
  await broker.ask(finn, 'release', { lease: lease.id });
  await broker.settle();
  expect((await broker.ask(finn, 'leases', {})).leases).toEqual([]);
  const { leases, detail } = await show(finn, lease.id);
  expect(leases).toMatchObject([{ phase: 'ended', end: { why: 'released', by: 'person:finn' } }]);
  expect(detail?.approval?.approvedBy.map(({ person: name }) => name)).toEqual(['fred', 'faye']);
  expect(detail?.approval).not.toHaveProperty('requestDigest');
});

it('says why its target did not end it', async () => {
  const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
  broker.leaser.isDown = true;
  await broker.ask(rag, 'release', { lease: lease.id });
  await broker.pass(300);
  expect((await show(rag, lease.id)).detail?.lastError).toContain('TARGET_UNREACHABLE');
});

it('of what the inventory has lost is shown to whoever may revoke everything', async () => {
  const { lease } = await broker.lease(rag, 'store', { purpose: 'answer' });
  const access = { ...ACCESS, leasables: ACCESS.leasables.filter(({ name }) => name !== 'store') };
  const { ledger } = broker;
  broker = new Broker({ inventory: { ...INVENTORY, access }, grant: () => ({ ledger }) });
  expect((await show(security, lease.id)).leases).toHaveLength(1);
  expect(await show(lead, lease.id)).toEqual({ leases: [] });
});
