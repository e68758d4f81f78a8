import type { Credential } from '../../core/credential.ts';
import { isLockstepError, LockstepError } from '../../core/errors.ts';
import type { Expectation } from '../../core/ledger-rows.ts';
import type { TargetCommands } from '../../core/ports/targets.ts';
import { create } from '../../core/ports/ledger.ts';
import { readRotation } from '../../core/rotation/record-transition.ts';
import type { Rotation } from '../../core/rotation/rotation.ts';
import { instant } from '../../core/time.ts';
import { expectationOf } from '../expectation.ts';
import { readHeld } from '../read-versions.ts';
import type { TargetPorts } from '../target-ports.ts';

type Asked = TargetCommands['expect']['asks'];

/**
 * Writes what is expected of dependents, with new nonces, for a version of this rotation. Written once: an
 * expectation that exists is left as it is, so a repeat invalidates no nonce that is on its way. Answers the
 * id that it has: the one that was asked for, or the next one that expects nothing else.
 */
export async function expectDependents(
  ports: TargetPorts,
  credential: Credential,
  asked: Asked,
): Promise<{ readonly id: string }> {
  const { body: rotation } = await readRotation(ports.ledger, credential.name, asked.rotation);
  if (asked.version !== rotation.successor?.version && asked.version !== rotation.predecessor?.version) {
    throw new LockstepError(
      'UNKNOWN_VERSION',
      `version ${asked.version} is neither of the two of rotation ${rotation.token}`,
    );
  }
  if (!asked.id.startsWith(`${rotation.token}#`)) {
    throw new LockstepError(
      'MALFORMED_REQUEST',
      `an expectation of rotation ${rotation.token} is named after it`,
    );
  }
  for (let id = asked.id; ; id = numberAfter(id)) {
    const known = (await ports.ledger.read('expectation', credential.name, id))?.body;
    // One that expects something else was written by a change that went no further: its number is used up.
    if (known ? isSame(known, asked) : await writeOnce(ports, credential, rotation, { ...asked, id }))
      return { id };
  }
}

const numberAfter = (id: string): string => {
  const [token = '', number] = id.split('#');
  return `${token}#${Number(number) + 1}`;
};

const isSame = (known: Expectation, { version, change, dependents }: Asked): boolean =>
  known.version === version &&
  known.change === change &&
  Object.keys(known.expected).sort().join() === [...dependents].sort().join();

/** `false` where somebody else has taken that number meanwhile: what they wrote is looked at first. */
async function writeOnce(
  ports: TargetPorts,
  credential: Credential,
  rotation: Rotation,
  { id, version, change, dependents: names }: Asked,
): Promise<boolean> {
  const held = await readHeld(ports, credential, { version });
  const dependents = rotation.dependents.filter(({ name }) => names.includes(name));
  const at = instant(ports.clock());
  const body = expectationOf(ports, { rotation, held, change, dependents, at });
  try {
    await ports.ledger.commit([create('expectation', credential.name, id, body)]);
    return true;
  } catch (error) {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
    const theirs = (await ports.ledger.read('expectation', credential.name, id))?.body;
    return (
      theirs !== undefined &&
      isSame(theirs, { rotation: rotation.token, id, version, change, dependents: names })
    );
  }
}
