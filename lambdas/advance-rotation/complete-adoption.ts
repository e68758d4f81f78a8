import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { advance, type AdvancePorts } from './advance-ports.ts';

/** Nobody is missing any more: the drain begins. */
export async function completeAdoption(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  await advance(ports, rotation, { type: 'adoption-completed', at: instant(ports.clock()) });
}
