import { LockstepError } from '../core/errors.ts';
import { replace } from '../core/ports/ledger.ts';
import { recordTransition } from '../core/rotation/record-transition.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { credentialOf, type AdvancePorts } from './advance-ports.ts';
import { nextExpectationId } from './bring-back.ts';

/** Brings the predecessor back and writes what its dependents now have to prove: that they returned. */
export async function restoreAndExpect(ports: AdvancePorts, rotation: Rotation): Promise<void> {
  const { credential, token, predecessor } = rotation;
  const { family } = credentialOf(ports, rotation);
  if (!predecessor)
    throw new LockstepError(
      'OUT_OF_ORDER',
      `rotation ${token} of ${credential} has no predecessor to go back to`,
    );
  const { current } = await ports.targets.call(family, { do: 'restore', credential, rotation: token });
  const { id } = await ports.targets.call(family, {
    do: 'expect',
    credential,
    rotation: token,
    id: nextExpectationId(rotation),
    version: predecessor.version,
    change: 'rolled-back',
    dependents: rotation.dependents.map(({ name }) => name),
  });
  const at = instant(ports.clock());
  await recordTransition(
    ports.ledger,
    credential,
    token,
    { type: 'restored', at, expectation: id },
    async () => {
      const state = await ports.ledger.read('credential', credential, 'state');
      if (!state) return {};
      const { body } = state;
      return {
        writes: [replace(state, { ...body, current, currentKey: predecessor.key, currentSince: at })],
      };
    },
  );
}
