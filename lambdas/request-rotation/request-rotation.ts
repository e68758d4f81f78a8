import type { EventOf } from '../core/events.ts';
import { findCredential } from '../core/find-credential.ts';
import { isDue } from '../core/rotation/cadence.ts';
import { admitRotation, type Admittance, type AdmissionPorts } from './admit-rotation.ts';

/**
 * A cadence ticked. A refusal is recorded and is no fault: the next tick asks again, and a credential that grows
 * too old raises its own alarm.
 *
 * @returns `undefined` where the credential is too young: nothing happened that anybody needs to know
 */
export async function requestRotation(
  ports: AdmissionPorts,
  { detail }: EventOf<'rotation.due'>,
): Promise<Admittance | undefined> {
  const { credential, cause, requestId } = detail;
  if (cause === 'cadence' && !(await isTime(ports, credential))) return undefined;
  return admitRotation(ports, { credential, cause, requestedBy: cause, requestId });
}

async function isTime({ inventory, ledger, clock }: AdmissionPorts, name: string): Promise<boolean> {
  const state = (await ledger.read('credential', name, 'state'))?.body;
  return state === undefined || isDue(findCredential(inventory, name), state, clock());
}
