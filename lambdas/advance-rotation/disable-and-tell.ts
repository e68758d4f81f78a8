import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { advance, credentialOf, type AdvancePorts } from './advance-ports.ts';
import { bringBack } from './bring-back.ts';
import { changeEvents } from './fan-out.ts';

/**
 * Has the predecessor stopped and tells the dependents. A target that cannot stop one reversibly leaves it
 * working; the soak then watches whether anybody uses it.
 */
export async function disableAndTell(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  const { credential, token } = rotation;
  const { family } = credentialOf(ports, rotation);
  const { state } = await ports.targets.call(family, { do: 'disable', credential, rotation: token });
  const at = instant(ports.clock());
  if (state === 'in-use') {
    const seen = 'the target would not stop it: sessions on it are alive';
    return bringBack(ports, rotation, { at, dependents: await whoIsOnIt(ports, rotation, family), seen });
  }
  await advance(ports, rotation, { type: 'disabled', at }, async (after) => ({
    events: await changeEvents(ports, after, 'disabled', after.dependents),
  }));
}

async function whoIsOnIt(
  ports: AdvancePorts,
  rotation: Rotation,
  family: string,
): Promise<readonly string[]> {
  const { credential, token, dependents } = rotation;
  const seen = await ports.targets.call(family, { do: 'observe', credential, rotation: token });
  if ('unsupported' in seen) return [];
  return dependents
    .filter(({ name }) => (seen.byDependent[name]?.onPredecessor ?? 0) > 0)
    .map(({ name }) => name);
}
