import type { AccessAnswers, AccessAsks } from '../contracts/access-requests.ts';
import type { Approval } from '../core/access/approval.ts';
import { callerKey, type Caller, type Person } from '../core/access/caller.ts';
import { auditedEffect } from '../core/audit/audited-effect.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { LedgerRow, LedgerWrite } from '../core/ports/ledger.ts';
import { instant, reached } from '../core/time.ts';
import { approvalDeniedWrites, approvalGivenWrite } from './ask-approval.ts';
import { findNamed } from './find-leasable.ts';
import type { GrantPorts } from './grant-ports.ts';
import { plainReason } from './plain-text.ts';
import { actorOf, decidedBy, type Decision } from './on-record.ts';
import { orRefuse, type Decided } from './refusals.ts';
import { rightTo, type Asking } from './right.ts';
import { findApproval, refused } from './use-approval.ts';

/** People decide at once: whoever was second reads what the first one did, and decides again. */
const ATTEMPTS = 5;

/** Whether a request is one's own, or made for oneself by an agent. */
const isOwn = ({ holder, actingFor }: Approval, caller: Caller): boolean =>
  [holder, actingFor].includes(callerKey(caller));

/**
 * Approves exactly one request. By policy of this moment, never for oneself and not for an agent that acts for oneself;
 * a person counts once, however often they approve. Throws `APPROVAL_REFUSED`, `POLICY_DENIED`.
 */
export async function approve(
  ports: GrantPorts,
  asking: Asking,
  { approval: id, reason }: AccessAsks['approve'],
): Promise<AccessAnswers['approve']> {
  const said = plainReason(reason, 'the reason of an approval');
  const { approvedBy, needed } = await settle(
    ports,
    asking,
    { id, reason: said, action: 'approve' },
    (row, person) => {
      const { body } = row;
      if (isOwn(body, asking.caller)) throw refused('is of your own request; somebody else has to give it');
      if (body.approvedBy.some((each) => each.person === person.name)) return { after: body, writes: [] };
      const given = { person: person.name, roles: person.roles, at: instant(ports.clock()), reason: said };
      const after = { ...body, approvedBy: [...body.approvedBy, given] };
      return { after, writes: [approvalGivenWrite(row, after.approvedBy)] };
    },
  );
  ports.metrics.count('lockstep_approvals', { outcome: 'approved' });
  return { approved: approvedBy.length, needed };
}

/** Denies a request, for good: by whoever could approve it, or by whoever made it. */
export async function deny(
  ports: GrantPorts,
  asking: Asking,
  { approval: id, reason }: AccessAsks['deny'],
): Promise<AccessAnswers['deny']> {
  const said = plainReason(reason, 'the reason of a denial');
  await settle(ports, asking, { id, reason: said, action: 'deny' }, (row, person) => {
    const denied = { person: person.name, at: instant(ports.clock()), reason: said };
    return { after: { ...row.body, denied }, writes: approvalDeniedWrites(row, denied) };
  });
  ports.metrics.count('lockstep_approvals', { outcome: 'denied' });
  return {};
}

interface Settling {
  readonly id: string;
  readonly reason: string;
  readonly action: 'approve' | 'deny';
}

type Change = (
  row: LedgerRow<'approval'>,
  person: Person,
) => { readonly after: Approval; readonly writes: readonly LedgerWrite[] };

/** Decides about an approval as it is now, between an intent and an outcome, and again where others were first. */
async function settle(
  ports: GrantPorts,
  asking: Asking,
  settling: Settling,
  change: Change,
): Promise<Approval> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const row = await findApproval(ports, settling.id);
    const about = {
      action: settling.action,
      named: findNamed(ports, row?.body.leasable ?? ''),
      ...(row ? { asked: { approval: row.body.id } } : {}),
      ...(row && isOwn(row.body, asking.caller) ? { isInsider: true } : {}),
    };
    const after = await orRefuse(ports, asking, about, (decided) =>
      settleOnce(ports, asking, settling, row, change, decided),
    );
    if (after) return after;
  }
  throw new LockstepError(
    'LEDGER_CONFLICT',
    `others decided about this approval ${ATTEMPTS} times in a row; try again`,
  );
}

async function settleOnce(
  ports: GrantPorts,
  asking: Asking,
  settling: Settling,
  row: LedgerRow<'approval'> | undefined,
  change: Change,
  decided: Decided,
): Promise<Approval | undefined> {
  const { caller } = asking;
  if (caller.is !== 'person') throw new LockstepError('POLICY_DENIED', 'people decide about approvals');
  if (!row) throw refused('is unknown');
  const rights = assertMayDecide(ports, asking, settling, row.body, decided);
  assertOpen(ports, row.body);
  const { after, writes } = change(row, caller);
  if (writes.length === 0) return after;
  const { leasable, id, purpose, actingFor, ttlSeconds } = row.body;
  const subject = {
    chain: leasable,
    action: settling.action,
    who: actorOf(ports, asking),
    what: {
      credential: leasable,
      approval: id,
      ...(actingFor === undefined ? {} : { actingFor }),
      ttlSeconds: String(ttlSeconds),
    },
    why: { cause: 'lease', purpose, ...decidedBy(ports, rights), reason: settling.reason },
  } as const;
  try {
    await auditedEffect(ports, subject, () => ports.ledger.commit(writes));
    return after;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return undefined;
    throw error;
  }
}

/** Decided anew, whatever was so when it was asked for. Whoever asked may always take the request back. */
function assertMayDecide(
  ports: GrantPorts,
  asking: Asking,
  { action }: Settling,
  approval: Approval,
  decided: Decided,
): readonly Decision[] {
  if (action === 'deny' && isOwn(approval, asking.caller)) return [];
  const { purpose, ttlSeconds, leasable } = approval;
  const right = rightTo(ports, asking, 'approve', { name: leasable }, { purpose, ttlSeconds });
  decided(right);
  if (right.allowed) return [right];
  throw new LockstepError('POLICY_DENIED', `no policy lets this person approve leases of ${leasable}`);
}

function assertOpen({ clock }: GrantPorts, { denied, usedFor, expiresAt }: Approval): void {
  if (denied) throw refused(`was denied by ${denied.person}: ${denied.reason}`);
  if (usedFor !== undefined) throw refused(`has been used for lease ${usedFor}`);
  if (reached(expiresAt, clock())) throw refused(`expired at ${expiresAt}`);
}
