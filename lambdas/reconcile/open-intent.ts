import { create } from '../core/ports/ledger.ts';
import { instant, secondsAfter } from '../core/time.ts';
import type { ReconcilePorts } from './reconcile-ports.ts';

/** How long a target function may take for what it is asked here. */
const OPEN_SECONDS = 300;
/** CloudTrail is late; the watch has to find the intent long after it was closed. */
const KEPT_SECONDS = 7 * 86_400;

/**
 * Opens an intent in the ledger, so that the watch knows why a target function's role reads this credential
 * outside a rotation.
 */
export async function openIntent(ports: ReconcilePorts, credential: string): Promise<void> {
  const at = instant(ports.clock());
  const body = {
    purpose: 'reconcile' as const,
    by: ports.functionName,
    openedAt: at,
    closesAt: secondsAfter(at, OPEN_SECONDS),
  };
  await ports.ledger.commit([
    create('intent', credential, ports.newId(), body, secondsAfter(at, KEPT_SECONDS)),
  ]);
}
