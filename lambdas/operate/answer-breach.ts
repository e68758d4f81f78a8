import type { Orders } from '../contracts/orders.ts';
import { accessOf } from '../core/access/access-inventory.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { secretName, type Credential } from '../core/credential.ts';
import { describeError, LockstepError } from '../core/errors.ts';
import { findCredential } from '../core/find-credential.ts';
import { create } from '../core/ports/ledger.ts';
import type { Page } from '../core/ports/pager.ts';
import { endRotation } from '../core/rotation/end-rotation.ts';
import { instant, secondsAfter } from '../core/time.ts';
import { admitRotation } from '../request-rotation/admit-rotation.ts';
import {
  eventNow,
  orderSubject,
  type OperatePorts,
  type Operator,
  type OrderAnswer,
} from './operate-ports.ts';

/** What the target said to the order to stop everything. */
interface Stopped {
  readonly stopped: readonly string[];
  readonly failed: readonly string[];
  readonly error?: string;
}

/**
 * The answer to a leak: revoke first, then repair.
 *
 * 0. Tell the sweeper, where leases stand for the credential: they end beside all this.
 * 1. End the unfinished rotation in the ledger, so that none of its steps can bring a version back.
 * 2. Stop every version that works, and end its sessions.
 * 3. Page. A target that could not be reached, or a version that could not be stopped, is in the page.
 * 4. Take the label off whatever is pending, which would block the next rotation.
 * 5. Ask for a rotation that no hold, freeze or predecessor stops.
 *
 * Nothing waits for the audit. Only from 5 on is there a version that could be made and must not be stopped.
 * If the process dies in between, the operator gives the order again; every part stands a repeat.
 */
export async function answerBreach(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['revoke-breach'],
): Promise<OrderAnswer> {
  const credential = findCredential(ports.inventory, order.credential);
  await auditFact(ports, orderSubject(ports, operator, 'breach', order), 'decision').catch(() => undefined);
  await openBreachIntent(ports, operator, order);
  await endUnfinished(ports, credential);
  const stopped = await stopEverything(ports, credential);
  await ports.bus.publish([
    eventNow(ports, 'page.requested', { page: breachPage(ports, operator, order, stopped) }),
  ]);
  await clearPending(ports, credential);
  const rotation = await admitBreach(ports, operator, order);
  return {
    said: summary(credential.name, stopped),
    facts: { credential: credential.name, rotation, ...stopped },
  };
}

/** With it goes the word to the sweeper, so that whatever stands for the credential ends as well, whatever becomes of this. */
async function openBreachIntent(
  ports: OperatePorts,
  operator: Operator,
  { credential: name, reason }: Orders['revoke-breach'],
): Promise<void> {
  const at = instant(ports.clock());
  const body = {
    purpose: 'breach' as const,
    by: operator.name,
    openedAt: at,
    closesAt: secondsAfter(at, 900),
  };
  const isLeased = accessOf(ports.inventory).leasables.some(({ standsFor }) => standsFor === name);
  const told = eventNow(ports, 'credential.breached', { credential: name, by: operator.name, reason });
  await ports.ledger.commit(
    [create('intent', name, ports.newId(), body, secondsAfter(at, 7 * 86_400))],
    isLeased ? [told] : [],
  );
}

async function endUnfinished(ports: OperatePorts, { name, strategy }: Credential): Promise<void> {
  const active = (await ports.ledger.read('credential', name, 'state'))?.body.active;
  const rotation =
    active === undefined ? undefined : (await ports.ledger.read('rotation', name, active))?.body;
  // Changed in place, its pending value may be the only one that works; its end is what retires the leaked one.
  if (!rotation || (strategy === 'in-place' && !rotation.promotedAt)) return;
  await endRotation(ports.ledger, rotation, { type: 'breached', at: instant(ports.clock()) });
  ports.metrics.count('lockstep_rotations', { outcome: 'breached', kind: rotation.kind });
}

async function stopEverything(ports: OperatePorts, { name, family }: Credential): Promise<Stopped> {
  try {
    return await ports.targets.call(family, { do: 'stop-all', credential: name, cause: 'breach' });
  } catch (error) {
    const { code, message } = describeError(error);
    return {
      stopped: [],
      failed: [],
      error: `the target could not be asked to stop anything (${code}): ${message}`,
    };
  }
}

/** Best effort: what stays pending is found by `start-rotation`, which calls reconcile and comes back. */
async function clearPending(ports: OperatePorts, { name, family }: Credential): Promise<void> {
  try {
    const { versions } = await ports.vault.describe(secretName(ports.inventory.environment, name));
    for (const [version, labels] of Object.entries(versions)) {
      if (!labels.includes('AWSPENDING') || labels.includes('AWSCURRENT')) continue;
      const owner = (await ports.ledger.read('rotation', name, version))?.body;
      // An abandoned rotation may have made keys that the vault never held; a stranger's label only blocks.
      if (owner?.phase === 'abandoned') {
        await ports.targets.call(family, { do: 'clean-up', credential: name, rotation: version });
      } else {
        await ports.targets.call(family, { do: 'strip-pending', credential: name, version });
      }
    }
  } catch (error) {
    if (!(error instanceof LockstepError)) throw error;
  }
}

async function admitBreach(
  ports: OperatePorts,
  operator: Operator,
  { credential, reason }: Orders['revoke-breach'],
): Promise<string> {
  const wish = {
    credential,
    reason,
    cause: 'breach' as const,
    requestedBy: operator.name,
    requestId: ports.newId(),
  };
  const answer = await admitRotation(ports, wish);
  if (!answer.admitted) throw new LockstepError(answer.code, answer.message);
  return answer.rotation.token;
}

function summary(name: string, { stopped, failed, error }: Stopped): string {
  const alive = error ?? (failed.length > 0 ? `STILL ALIVE: ${failed.join(', ')}` : undefined);
  return `${name}: ${stopped.length} version(s) stopped, a new one is being made${alive === undefined ? '' : `; ${alive}`}`;
}

function breachPage(
  ports: OperatePorts,
  operator: Operator,
  { credential, reason }: Orders['revoke-breach'],
  { stopped, failed, error }: Stopped,
): Page {
  const at = instant(ports.clock());
  return {
    id: `breach-${credential}-${at}`,
    severity: 'critical',
    title: `${credential}: breach mode`,
    subject: credential,
    reasons: [
      `${operator.name} declared a breach: ${reason}.`,
      stopped.length > 0
        ? `Stopped at the target: ${stopped.join(', ')}.`
        : 'Nothing was stopped at the target.',
      ...(failed.length > 0 ? [`STILL ALIVE, could not be stopped: ${failed.join(', ')}.`] : []),
      ...(error === undefined ? [] : [error]),
      'A new value is being made. Dependents fail until they have read it.',
    ],
    firstCommand: `lockstep status ${credential}`,
    at,
  };
}
