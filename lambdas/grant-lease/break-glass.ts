import type { Lease } from '../core/access/lease.ts';
import type { EventOf } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import { create, type LedgerWrite } from '../core/ports/ledger.ts';
import { secondsAfter } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';

/** How long on-call waits for somebody else to review it. */
export const REVIEW_SECONDS = 86_400;

/** Remembers that somebody has to review what was done. */
export const breakGlassWrites = ({
  id,
  leasable,
  holder,
  actingFor,
  breakGlass,
  issuedAt,
}: Lease): readonly LedgerWrite[] => [
  create('lease-review', 'open', id, {
    leasable,
    holder,
    ...(actingFor === undefined ? {} : { actingFor }),
    reason: breakGlass?.reason ?? '',
    at: issuedAt,
    pageAt: secondsAfter(issuedAt, REVIEW_SECONDS),
  }),
];

/** Whoever breaks the glass is heard: the page is committed with the lease. */
export function glassPage(ports: GrantPorts, lease: Lease): EventOf<'page.requested'> {
  const { id, leasable, holder, actingFor, purpose, breakGlass, issuedAt, expiresAt } = lease;
  const source = { ...ports, environment: ports.inventory.environment };
  return makeEvent(source, 'page.requested', {
    page: {
      id: `break-glass-${id}`,
      severity: 'critical',
      title: `${leasable}: the glass was broken`,
      subject: leasable,
      reasons: [
        `${holder}${actingFor === undefined ? '' : ` for ${actingFor}`} takes lease ${id} without the approvals that policy wants, until ${expiresAt} at first.`,
        `Reason given: ${breakGlass?.reason ?? ''}`,
        `Purpose: ${purpose}. Somebody else has to review it within a day.`,
      ],
      firstCommand: `lockstep leases --leasable ${leasable}`,
      at: issuedAt,
    },
  });
}
