import type { Leasable } from '../core/access/access-inventory.ts';
import { auditFact, type AuditSubject } from '../core/audit/audited-effect.ts';
import type { AuditAction } from '../core/audit/record.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { Named } from './find-leasable.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actingForOf, actorOf, decidedBy, type Decision } from './on-record.ts';
import { isInsider, type Asking } from './right.ts';

/**
 * The audit chain of refusals. One for all of them, and none that a lease needs: whoever floods the broker with what it
 * may not have holds up no lease of anybody. Nothing that can be leased has this name: names begin with a letter.
 */
export const REFUSALS_CHAIN = '*access';

/** What is refused because of who asks for what. Everything else is told as it is. */
export const REFUSALS = [
  'POLICY_DENIED',
  'PURPOSE_REFUSED',
  'TTL_REFUSED',
  'APPROVAL_REFUSED',
  'NOT_SUPPORTED',
  'NOT_THE_HOLDER',
  'UNKNOWN_LEASE',
  'UNKNOWN_LEASABLE',
] as const;

/** What strangers are told, whatever there is. */
const STRANGERS =
  'no policy lets this caller have what it named, or there is no such thing; whoever owns it can say more';

/** What a request that may be refused is about. */
export interface RefusalSubject {
  readonly action: AuditAction;
  readonly named: Named;
  /** What else it named: a lease or an approval that there is, the time that was asked for. */
  readonly asked?: Pick<AuditSubject['what'], 'lease' | 'approval' | 'ttlSeconds'>;
  /** Where that is known already: whoever holds a lease knows that there is one. */
  readonly isInsider?: boolean;
}

/** Says what policy decided, for the audit of a refusal. */
export type Decided = (right: Decision) => void;

/**
 * Does what was asked. A refusal reaches its caller as it is where that is an insider, and says nothing otherwise; it is
 * counted, and goes to the audit with the policies that decided, where that can be written: a refusal has no effect that
 * would have to wait for it.
 */
export async function orRefuse<T>(
  ports: GrantPorts,
  asking: Asking,
  about: RefusalSubject,
  work: (decided: Decided) => Promise<T>,
): Promise<T> {
  const rights: Decision[] = [];
  try {
    return await work((right) => void rights.push(right));
  } catch (error) {
    if (!(error instanceof LockstepError) || error.remedy === 'operator') throw error;
    ports.metrics.count('lockstep_leases_refused', { code: error.code });
    if (!isLockstepError(error, ...REFUSALS)) throw error;
    const { leasable, isDeclared } = about.named;
    // Whoever policy lets do it was met by another rule, and may know which.
    const isAllowed = rights.length > 0 && rights.every(({ allowed }) => allowed);
    const known = about.isInsider ?? (isInsider(ports, asking, leasable) || isAllowed);
    const refused = { error, rights, leasable: isDeclared ? leasable : undefined };
    const subject = auditSubject(ports, asking, about, refused);
    await auditFact(ports, subject, 'refusal', { outcome: 'refused', code: error.code }).catch(
      () => undefined,
    );
    throw known ? error : new LockstepError('POLICY_DENIED', STRANGERS);
  }
}

interface Refused {
  readonly error: LockstepError;
  readonly rights: readonly Decision[];
  readonly leasable: Leasable | undefined;
}

const auditSubject = (
  ports: GrantPorts,
  asking: Asking,
  { action, asked }: RefusalSubject,
  { error, rights, leasable }: Refused,
): AuditSubject => ({
  chain: REFUSALS_CHAIN,
  action,
  who: actorOf(ports, asking),
  what: {
    credential: leasable?.name ?? REFUSALS_CHAIN,
    ...actingForOf(asking.caller),
    ...(leasable ? asked : {}),
  },
  why: {
    cause: 'lease',
    // What there is not was named by the caller, who may have put anything into it.
    reason: leasable ? error.message : 'it named what the inventory does not declare',
    ...decidedBy(ports, rights),
  },
});
