import type { EventOf } from '../core/events.ts';
import { admitRotation, type Admittance, type AdmissionPorts } from './admit-rotation.ts';

/**
 * A cadence came due. A refusal is recorded and is no fault: the next cadence asks again, and a credential
 * that grows too old raises its own alarm.
 */
export async function requestRotation(
  ports: AdmissionPorts,
  { detail }: EventOf<'rotation.due'>,
): Promise<Admittance> {
  const { credential, cause, requestId } = detail;
  return admitRotation(ports, { credential, cause, requestedBy: cause, requestId });
}
