import type { Dependent } from '../core/credential.ts';
import type { Change, LockstepEvent } from '../core/events.ts';
import type { Expectation } from '../core/ledger-rows.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { advance, eventNow, type AdvancePorts } from './advance-ports.ts';

/**
 * One event per dependent, in the same commit as the step that they belong to: nobody is forgotten, and
 * nobody is told of something that did not happen.
 */
export async function fanOut(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  const change: Change = rotation.rollback ? 'rolled-back' : 'promoted';
  const events = await changeEvents(ports, rotation, change, rotation.dependents);
  const at = instant(ports.clock());
  await advance(ports, rotation, { type: 'fanned-out', at }, () => ({ events }));
}

/** The events that tell these dependents of a change, each with the nonce that is its own. */
export async function changeEvents(
  ports: AdvancePorts,
  rotation: Rotation,
  change: Change,
  dependents: readonly Dependent[],
): Promise<readonly LockstepEvent[]> {
  const expectation =
    rotation.expectation === undefined || change === 'disabled'
      ? undefined
      : (await ports.ledger.read('expectation', rotation.credential, rotation.expectation))?.body;
  return dependents.map((dependent) => changeEvent(ports, rotation, change, dependent, expectation));
}

function changeEvent(
  ports: AdvancePorts,
  rotation: Rotation,
  change: Change,
  dependent: Dependent,
  expectation: Expectation | undefined,
): LockstepEvent {
  const { credential, kind, token, predecessor, rollback } = rotation;
  const [version, replaces] =
    rollback && predecessor ? [predecessor.version, token] : [token, predecessor?.version];
  const nonce = expectation?.expected[dependent.name]?.nonce;
  return eventNow(ports, 'credential.changed', {
    credential,
    kind,
    rotation: token,
    change,
    version,
    ...(replaces === undefined ? {} : { replaces }),
    dependent: dependent.name,
    dependentKind: dependent.kind,
    ...(nonce === undefined || rotation.expectation === undefined
      ? {}
      : { expectation: { id: rotation.expectation, nonce } }),
  });
}
