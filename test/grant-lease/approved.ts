import type { AccessAsks } from '../../lambdas/contracts/access-requests.ts';
import type { Approval } from '../../lambdas/core/access/approval.ts';
import type { Caller, Person } from '../../lambdas/core/access/caller.ts';
import type { Broker } from './a-broker.ts';

/** A request that waits for people, and how to make it again. */
export interface Waiting {
  readonly id: string;
  readonly ask: AccessAsks['lease'];
}

/** Asks for something that needs approval. */
export async function askFor(
  broker: Broker,
  caller: Caller,
  more: Partial<AccessAsks['lease']> = {},
): Promise<Waiting> {
  const ask = { leasable: 'payroll', requestId: broker.requestId(), ttlSeconds: 600, ...more };
  const answer = await broker.ask(caller, 'lease', ask);
  if (answer.status !== 'approval-needed') throw new Error(`no approval was needed: ${answer.status}`);
  return { id: answer.approval, ask };
}

/** People approve, one after the other. */
export async function approveBy(broker: Broker, id: string, ...people: readonly Person[]): Promise<void> {
  for (const person of people)
    await broker.ask(person, 'approve', { approval: id, reason: `${person.name} has looked at it` });
}

/** An approval as it stands in the ledger. */
export const approvalRow = async (broker: Broker, id: string): Promise<Approval | undefined> =>
  (await broker.ledger.read('approval', id, 'approval'))?.body;
