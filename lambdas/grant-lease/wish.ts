import type { AccessAsks } from '../contracts/access-requests.ts';
import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { approvalDigest, type ApprovedRequest } from '../core/access/approval-digest.ts';
import { callerKey } from '../core/access/caller.ts';
import { fittingTtl } from '../core/access/fitting-ttl.ts';
import { narrowPurpose, purposesOf } from '../core/access/purposes.ts';
import { type Named } from './find-leasable.ts';
import type { GrantPorts } from './grant-ports.ts';
import { plainReason, plainRequestId } from './plain-text.ts';
import { actingForOf } from './on-record.ts';
import type { Asking } from './right.ts';

/** What exactly somebody wants: everything that policy decides about and that people approve. */
export interface Wish extends ApprovedRequest {
  readonly what: Leasable;
  readonly isDeclared: boolean;
  readonly digest: string;
  /** The approval that was named. */
  readonly approval?: string;
  readonly breakGlass?: string;
}

/** An ask, narrowed to one purpose and one ttl. Throws `PURPOSE_REFUSED`, `TTL_REFUSED`, `MALFORMED_REQUEST`. */
export function wishOf(
  ports: GrantPorts,
  { caller }: Asking,
  { leasable: what, isDeclared }: Named,
  ask: AccessAsks['lease'],
): Wish {
  // First what does not depend on what was named: a stranger must not learn anything by sending what is malformed.
  const requestId = plainRequestId(ask.requestId);
  const breakGlass =
    ask.breakGlass === undefined
      ? {}
      : { breakGlass: plainReason(ask.breakGlass, 'the reason to break the glass') };
  const purpose = narrowPurpose({
    allowed: purposesOf(accessOf(ports.inventory), caller),
    leasable: what,
    ...(ask.purpose === undefined ? {} : { asked: ask.purpose }),
  });
  const request: ApprovedRequest = {
    leasable: what.name,
    holder: callerKey(caller),
    ...actingForOf(caller),
    purpose,
    ttlSeconds: fittingTtl(what, ports.capabilitiesOf(what.kind), ask.ttlSeconds),
    requestId,
  };
  return {
    ...request,
    what,
    isDeclared,
    digest: approvalDigest(request),
    ...(ask.approval === undefined ? {} : { approval: ask.approval }),
    ...breakGlass,
  };
}
