import { secretName, type Credential } from '../core/credential.ts';
import { describeError, isLockstepError } from '../core/errors.ts';
import type { EventOf } from '../core/events.ts';
import { findCredential } from '../core/find-credential.ts';
import { publishOutbox } from '../publish-outbox/publish-outbox.ts';
import { mendActive } from './mend-active.ts';
import { mendPending } from './mend-pending.ts';
import { reapUnknownKeys } from './reap-unknown-keys.ts';
import { type Discrepancy, type ReconcilePorts, type Situation } from './reconcile-ports.ts';
import { reportDrift } from './report-drift.ts';

/**
 * Compares vault, ledger and target, and finishes or reverses what is stuck; reports what it may not touch.
 * Everything it does is a step that would have been taken anyway, so running it twice, or beside the thing
 * that it believes stuck, changes nothing in the end.
 */
export async function reconcile(
  ports: ReconcilePorts,
  { detail }: Pick<EventOf<'reconcile.due'>, 'detail'>,
): Promise<readonly Discrepancy[]> {
  const { inventory, metrics } = ports;
  const credentials =
    detail.credential === undefined ? inventory.credentials : [findCredential(inventory, detail.credential)];
  const found: Discrepancy[] = [...(await republish(ports))];
  for (const credential of credentials) found.push(...(await reconcileOne(ports, credential)));
  for (const { action } of found) metrics.count('lockstep_reconcile_findings', { action });
  return found;
}

/** Events that were committed and never reached the bus. */
async function republish({ outbox, bus }: ReconcilePorts): Promise<readonly Discrepancy[]> {
  const published = await publishOutbox(outbox, bus);
  return published === 0
    ? []
    : [{ credential: '*', action: 'republished', what: `${published} event(s) of the outbox` }];
}

/** One credential's trouble is not another's: an error is reported, and the next one is looked at. */
async function reconcileOne(ports: ReconcilePorts, credential: Credential): Promise<readonly Discrepancy[]> {
  try {
    const situation = await situationOf(ports, credential);
    return [
      ...(await mendPending(ports, situation)),
      ...(await mendActive(ports, situation)),
      ...(await reapUnknownKeys(ports, situation)),
      ...reportDrift(situation),
    ];
  } catch (error) {
    const { code, message } = describeError(error);
    // What passes by itself is tried again in the next round; what does not is for a person to see.
    const action = isLockstepError(error) && error.remedy !== 'retry' ? 'reported' : 'failed';
    return [{ credential: credential.name, action, what: `${code}: ${message}` }];
  }
}

async function situationOf(
  { inventory, ledger, vault }: ReconcilePorts,
  credential: Credential,
): Promise<Situation> {
  const secret = await vault.describe(secretName(inventory.environment, credential.name));
  const state = (await ledger.read('credential', credential.name, 'state'))?.body;
  const active =
    state?.active === undefined
      ? undefined
      : (await ledger.read('rotation', credential.name, state.active))?.body;
  return { credential, secret, state, active };
}
