import type { AccessAnswers, AccessAsks } from '../contracts/access-requests.ts';
import { callerKey } from '../core/access/caller.ts';
import { isOpen } from '../core/access/lease-end.ts';
import { viewOf } from '../core/access/lease-view.ts';
import { tellToEnd } from '../core/access/tell-to-end.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { findLease, mayRevoke, ofHolder } from './find-lease.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actingForOf, actorOf } from './on-record.ts';
import { orRefuse } from './refusals.ts';
import type { Asking } from './right.ts';

/**
 * Ends a lease that its holder needs no more. It is told in the ledger here, and ended at its target behind that. One
 * that is over stays as it is.
 */
export async function releaseLease(
  ports: GrantPorts,
  asking: Asking,
  { lease: id }: AccessAsks['release'],
): Promise<AccessAnswers['release']> {
  const found = await findLease(ports, asking.caller, id);
  const about = {
    action: 'end-lease' as const,
    named: found.named,
    ...(found.row ? { asked: { lease: found.row.body.id } } : {}),
    ...(found.isHolder || mayRevoke(ports, asking, found) ? { isInsider: true } : {}),
  };
  return orRefuse(ports, asking, about, async () => {
    const { body } = await ofHolder(ports, asking, found);
    const by = callerKey(asking.caller);
    const lease = (await tellToEnd(ports, body.id, { why: 'released', by })) ?? body;
    // Over before, or released before: nothing was decided here.
    if (!isOpen(body) || lease.end?.why !== 'released') return { lease: viewOf(lease) };
    const subject = {
      chain: body.leasable,
      action: 'end-lease',
      who: actorOf(ports, asking),
      what: {
        credential: body.leasable,
        lease: body.id,
        ...actingForOf(asking.caller),
        until: body.expiresAt,
      },
      why: { cause: 'lease', purpose: body.purpose, reason: 'released by its holder' },
    } as const;
    // Nothing that ends a lease waits for the audit; the appender counts what it could not write.
    await auditFact(ports, subject, 'decision').catch(() => undefined);
    return { lease: viewOf(lease) };
  });
}
