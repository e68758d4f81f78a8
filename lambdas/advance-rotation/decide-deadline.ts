import { auditFact } from '../core/audit/audited-effect.ts';
import type { Dependent } from '../core/credential.ts';
import { replace } from '../core/ports/ledger.ts';
import type { Page } from '../core/ports/pager.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant } from '../core/time.ts';
import { advance, decisionSubject, eventNow, type AdvancePorts } from './advance-ports.ts';
import { recordAdoption } from './count-acknowledgements.ts';

/**
 * The deadline passed and somebody is missing: the inventory's recorded policy decides, on the record.
 *
 * Returning from a roll-back is never decided by a clock, and neither are sessions that nobody owns: there
 * the answer is always to hold and page. So it is where a breach has left nothing to roll back to.
 */
export async function decideDeadline(
  ports: AdvancePorts,
  rotation: Rotation,
  missing: readonly Dependent[],
): Promise<void> {
  const declared = rotation.retire.onDeadline;
  const hasNoWayBack = declared === 'roll-back' && rotation.cause === 'breach';
  const policy =
    rotation.phase === 'rolling-back' || missing.length === 0 || hasNoWayBack ? 'hold-and-page' : declared;
  const names = missing.map(({ name }) => name).join(', ') || 'sessions that no dependent owns';
  const reason = `${policy}: missing at the deadline: ${names}`;
  await auditFact(ports, decisionSubject(ports, rotation, 'deadline', { reason }), 'decision');
  switch (policy) {
    case 'hold-and-page':
      return holdAndPage(ports, rotation, names);
    case 'retire-anyway':
      return retireAnyway(ports, rotation, missing, reason);
    case 'roll-back':
      return rollBack(ports, rotation, reason);
  }
}

async function holdAndPage(ports: AdvancePorts, rotation: Rotation, names: string): Promise<void> {
  const { credential } = rotation;
  const at = instant(ports.clock());
  const page = eventNow(ports, 'page.requested', { page: missingPage(rotation, names, at) });
  await advance(ports, rotation, { type: 'deadline-decided', at }, async () => {
    const state = await ports.ledger.read('credential', credential, 'state');
    // An operator's hold stays the operator's.
    if (!state || state.body.hold) return { events: [page] };
    const hold = { by: 'deadline policy', reason: `adoption is missing: ${names}`, since: at };
    return { writes: [replace(state, { ...state.body, hold })], events: [page] };
  });
}

function missingPage(rotation: Rotation, names: string, at: string): Page {
  const { credential, token, phase } = rotation;
  const isBack = phase === 'rolling-back';
  return {
    id: `deadline-${token}-${phase}-${waitingSince(rotation)}`,
    severity: 'high',
    title: `${credential}: ${isBack ? 'not everybody has returned' : 'a dependent has not moved'}`,
    subject: credential,
    reasons: [
      `Rotation ${token} of ${credential} waits for: ${names}.`,
      'The deadline of the inventory has passed. Both versions work; nothing is retired.',
      'The credential is held until somebody releases it; adoption goes on meanwhile.',
    ],
    firstCommand: `lockstep status ${credential}`,
    at,
  };
}

/** One deadline has one page. After an un-adoption there is another one, which a receiver must not fold into the first. */
const waitingSince = ({ adoptingSince, rollback, requestedAt }: Rotation): string =>
  rollback?.restoredAt ?? adoptingSince ?? requestedAt;

async function retireAnyway(
  ports: AdvancePorts,
  rotation: Rotation,
  missing: readonly Dependent[],
  reason: string,
): Promise<void> {
  const at = instant(ports.clock());
  let counted = rotation;
  for (const { name } of missing)
    counted = await recordAdoption(ports, counted, name, { by: 'deadline-policy', at, reason });
  await advance(ports, counted, { type: 'deadline-decided', at });
}

async function rollBack(ports: AdvancePorts, rotation: Rotation, reason: string): Promise<void> {
  const { credential, token } = rotation;
  const at = instant(ports.clock());
  const page: Page = {
    id: `deadline-${token}-rollback`,
    severity: 'high',
    title: `${credential}: rolled back at its deadline`,
    subject: credential,
    reasons: [
      `Rotation ${token} of ${credential} is going back to the version before it: ${reason}.`,
      'That is the policy of the inventory. Both versions work until everybody has returned; then the new one is revoked.',
    ],
    firstCommand: `lockstep status ${credential}`,
    at,
  };
  const event = { type: 'roll-back-ordered' as const, at, by: 'deadline policy', reason };
  await advance(ports, rotation, event, () => ({
    events: [eventNow(ports, 'page.requested', { page })],
  }));
}
