import type { EventOf } from '../core/events.ts';
import { nextStep, type Step } from '../core/rotation/next-step.ts';
import { readRotation } from '../core/rotation/record-transition.ts';
import { isOver, type Rotation } from '../core/rotation/rotation.ts';
import { completeAdoption } from './complete-adoption.ts';
import { countAcknowledgements } from './count-acknowledgements.ts';
import { decideDeadline } from './decide-deadline.ts';
import { disableAndTell } from './disable-and-tell.ts';
import { eventNow, type AdvancePorts } from './advance-ports.ts';
import { fanOut } from './fan-out.ts';
import { observeAndJudge } from './observe-and-judge.ts';
import { restoreAndExpect } from './restore-and-expect.ts';
import { revokeAndEnd } from './revoke-and-end.ts';

/** More steps than a rotation can take at once; a loop that does not end is a bug, and the next event goes on. */
const STEPS_AT_MOST = 24;

/**
 * Moves a rotation as far as it can go now, then sets the timer for when it can go further.
 *
 * Called for every event about it, in any order, as often as they come: what to do is decided anew from the
 * ledger each time, so a lost, repeated or late event changes nothing in the end. An error leaves the rotation
 * where it stands; the delivery is tried again.
 */
export async function advanceRotation(
  ports: AdvancePorts,
  { detail }: EventOf<'rotation.advanced'> | EventOf<'dependent.acknowledged'>,
): Promise<void> {
  for (let steps = 0; steps < STEPS_AT_MOST; steps += 1) {
    const { body: read } = await readRotation(ports.ledger, detail.credential, detail.rotation);
    if (isOver(read)) return ports.timer.cancel(timerId(read));
    const rotation = await countAcknowledgements(ports, read);
    const held = await isHeld(ports, rotation);
    const step = nextStep(rotation, { now: ports.clock(), held, ...upSinceOf(ports) });
    if (step.do === 'nothing') return;
    if (step.do === 'wait') return waitFor(ports, rotation, step);
    await take(ports, rotation, step);
  }
}

async function take(
  ports: AdvancePorts,
  rotation: Rotation,
  step: Exclude<Step, { do: 'wait' | 'nothing' }>,
): Promise<void> {
  switch (step.do) {
    case 'fan-out':
      return fanOut(ports, rotation);
    case 'observe':
      return observeAndJudge(ports, rotation);
    case 'complete-adoption':
      return completeAdoption(ports, rotation);
    case 'decide-deadline':
      return decideDeadline(ports, rotation, step.missing);
    case 'disable':
      return disableAndTell(ports, rotation);
    case 'revoke':
      return revokeAndEnd(ports, rotation);
    case 'restore':
      return restoreAndExpect(ports, rotation);
  }
}

const upSinceOf = ({ upSince }: AdvancePorts): Pick<AdvancePorts, 'upSince'> =>
  upSince === undefined ? {} : { upSince };

async function isHeld({ ledger }: AdvancePorts, { credential }: Rotation): Promise<boolean> {
  return (await ledger.read('credential', credential, 'state'))?.body.hold !== undefined;
}

const timerId = ({ token }: Rotation): string => `advance-${token}`;

/** A wait without an end (a hold, a missing dependent past its deadline) is ended by an event, not by time. */
async function waitFor(
  ports: AdvancePorts,
  rotation: Rotation,
  { until }: Extract<Step, { do: 'wait' }>,
): Promise<void> {
  if (until === undefined) return;
  const { credential, token } = rotation;
  await ports.timer.schedule(
    timerId(rotation),
    until,
    eventNow(ports, 'rotation.advanced', { credential, rotation: token }),
  );
}
