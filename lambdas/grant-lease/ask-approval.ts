import type { AccessAnswers } from '../contracts/access-requests.ts';
import { accessOf } from '../core/access/access-inventory.ts';
import type { Approval } from '../core/access/approval.ts';
import type { Caller } from '../core/access/caller.ts';
import { holderPartition, shareOf } from '../core/access/lease-pointers.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { LockstepEvent } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import { assertEnough, whoApproves } from '../core/policy/who-approves.ts';
import { create, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant, secondsAfter } from '../core/time.ts';
import { clearUndecided, POINTERS_KEPT_SECONDS, takePlaces } from './approval-places.ts';
import type { GrantPorts } from './grant-ports.ts';
import { actorOf, decidedBy, type Decision } from './on-record.ts';
import { refuseRepeated } from './refuse-repeated.ts';
import { contextOf, type Asking } from './right.ts';
import { standAside } from './stand-aside.ts';
import { findApproval, isOpenApproval } from './use-approval.ts';
import type { Wish } from './wish.ts';

/** How long people have to decide, in seconds; the request is worth nothing behind that, approved or not. */
export const APPROVAL_SECONDS = 3600;

/** How long the ledger remembers what people decided. */
const KEPT_SECONDS = 30 * 86_400;

type Needed = Extract<AccessAnswers['lease'], { readonly status: 'approval-needed' }>;

/** Whoever finds a place taken by another request of the same holder looks again: one of those at work wins each time. */
const ATTEMPTS = 8;

/**
 * Has people asked, once for a request however often it is made, and says which approval to come back with. Throws
 * `APPROVAL_REFUSED` where it was denied, `POLICY_DENIED` where fewer could approve than have to, `LEASE_LIMIT` where too many of
 * the holder's requests wait, and what `refuseRepeated` throws.
 */
export async function askApproval(
  ports: GrantPorts,
  asking: Asking,
  wish: Wish,
  { needed, right }: { readonly needed: number; readonly right: Decision },
): Promise<Needed> {
  let approval: Approval | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const asked = await ports.ledger.read('lease-ask', shareOf(wish), wish.requestId);
    // Also our own, whose commit was done and whose answer was lost.
    const before = await askedBefore(ports, wish, asked);
    if (before) return before;
    const isFirst = approval === undefined;
    approval ??= approvalOf(ports, asking, wish, needed);
    const places = await takePlaces(ports, approval);
    // First the audit: what it holds of a request that then was not written down is only that somebody asked.
    if (isFirst) await auditAsked(ports, asking, wish, approval, right);
    const source = { ...ports, environment: ports.inventory.environment };
    const page = makeEvent(source, 'page.requested', { page: pageOf(approval) });
    if (await isCommitted(ports, [...places, ...askWrites(approval, asked)], page)) {
      await clearUndecided(ports, wish.holder);
      ports.metrics.count('lockstep_approvals', { outcome: 'asked' });
      return answerOf(approval);
    }
    await standAside(ports, attempt);
  }
  throw new LockstepError(
    'LEASE_LIMIT',
    `${wish.leasable}: other requests of ${shareOf(wish)} were first ${ATTEMPTS} times in a row; ask again`,
    { retryAfterSeconds: 1 },
  );
}

/** What the same request was answered before, where people can still decide about it. */
async function askedBefore(
  ports: GrantPorts,
  wish: Wish,
  asked: LedgerRow<'lease-ask'> | undefined,
): Promise<Needed | undefined> {
  // Nobody is to decide about what has been handed over.
  if (asked?.body.lease !== undefined) await refuseRepeated(ports, asked.body.lease);
  if (asked?.body.approval === undefined) return undefined;
  const before = await findApproval(ports, asked.body.approval);
  if (before?.body.requestDigest !== wish.digest) return undefined;
  if (isOpenApproval(before.body, ports.clock())) return answerOf(before.body);
  if (!before.body.denied) return undefined;
  const { person, reason } = before.body.denied;
  throw new LockstepError('APPROVAL_REFUSED', `${person} denied this request: ${reason}`);
}

const auditAsked = (
  ports: GrantPorts,
  asking: Asking,
  wish: Wish,
  { id }: Approval,
  right: Decision,
): Promise<void> =>
  auditFact(
    ports,
    {
      chain: wish.leasable,
      action: 'ask-approval',
      who: actorOf(ports, asking),
      what: {
        credential: wish.leasable,
        approval: id,
        ...(wish.actingFor === undefined ? {} : { actingFor: wish.actingFor }),
        ttlSeconds: String(wish.ttlSeconds),
      },
      why: { cause: 'lease', purpose: wish.purpose, ...decidedBy(ports, [right]) },
    },
    'decision',
  );

async function isCommitted(
  { ledger }: GrantPorts,
  writes: readonly LedgerWrite[],
  page: LockstepEvent,
): Promise<boolean> {
  try {
    await ledger.commit(writes, [page]);
    return true;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return false;
    throw error;
  }
}

const answerOf = ({ id, expiresAt }: Approval): Needed => ({
  status: 'approval-needed',
  approval: id,
  expiresAt,
});

function approvalOf(ports: GrantPorts, asking: Asking, wish: Wish, needed: number): Approval {
  const context = contextOf(ports, asking.door, { purpose: wish.purpose, ttlSeconds: wish.ttlSeconds });
  const found = whoApproves(ports.policy, accessOf(ports.inventory), wish.leasable, context);
  // Before anybody is paged for what nobody could complete.
  assertEnough(found, { leasable: wish.leasable, needed, selves: selvesOf(asking.caller) });
  const askedAt = instant(ports.clock());
  const { leasable, holder, actingFor, purpose, ttlSeconds, requestId, digest } = wish;
  return {
    id: ports.newId(),
    requestDigest: digest,
    leasable,
    holder,
    ...(actingFor === undefined ? {} : { actingFor }),
    purpose,
    ttlSeconds,
    requestId,
    askedAt,
    expiresAt: secondsAfter(askedAt, APPROVAL_SECONDS),
    approvers: found.roles,
    needed,
    approvedBy: [],
  };
}

/** Nobody approves for themselves, nor what an agent asks for them. */
const selvesOf = (caller: Caller): readonly string[] =>
  caller.is === 'agent' && caller.actingFor ? [caller.actingFor.name] : [caller.name];

function askWrites(approval: Approval, asked: LedgerRow<'lease-ask'> | undefined): readonly LedgerWrite[] {
  const { id, requestId, leasable, askedAt, expiresAt } = approval;
  const kept = secondsAfter(askedAt, KEPT_SECONDS);
  const ask = { ...asked?.body, approval: id, at: askedAt };
  return [
    create('approval', id, 'approval', approval, kept),
    ...placesOf(approval).map(({ partition }) =>
      create(
        'approval-index',
        partition,
        id,
        { leasable, expiresAt },
        secondsAfter(expiresAt, POINTERS_KEPT_SECONDS),
      ),
    ),
    asked ? replace(asked, ask, kept) : create('lease-ask', shareOf(approval), requestId, ask, kept),
  ];
}

/** Where an approval that waits is found: by everybody who may decide, and by whoever asked. */
const placesOf = ({ holder }: Pick<Approval, 'holder'>): readonly { readonly partition: string }[] => [
  { partition: 'open' },
  { partition: holderPartition(holder) },
];

/** What takes an approval that is decided, or used, out of what waits. */
const unlistWrites = (approval: Approval): readonly LedgerWrite[] =>
  placesOf(approval).map(({ partition }) => ({
    family: 'approval-index',
    credential: partition,
    id: approval.id,
    expected: 1,
    body: undefined,
  }));

/** What uses an approval up, in the commit of the lease that it was for. */
export const approvalUsedWrites = (row: LedgerRow<'approval'>, lease: string): readonly LedgerWrite[] => [
  replace(row, { ...row.body, usedFor: lease }, secondsAfter(row.body.askedAt, KEPT_SECONDS)),
  ...unlistWrites(row.body),
];

/** What denies an approval, for good. */
export const approvalDeniedWrites = (
  row: LedgerRow<'approval'>,
  denied: NonNullable<Approval['denied']>,
): readonly LedgerWrite[] => [
  replace(row, { ...row.body, denied }, secondsAfter(row.body.askedAt, KEPT_SECONDS)),
  ...unlistWrites(row.body),
];

/** What adds somebody's approval. */
export const approvalGivenWrite = (
  row: LedgerRow<'approval'>,
  approvedBy: Approval['approvedBy'],
): LedgerWrite => replace(row, { ...row.body, approvedBy }, secondsAfter(row.body.askedAt, KEPT_SECONDS));

const pageOf = (approval: Approval) => ({
  id: `approval-${approval.id}`,
  severity: 'medium' as const,
  title: `${approval.leasable}: somebody asks for approval`,
  subject: approval.leasable,
  reasons: [
    `${approval.holder}${approval.actingFor === undefined ? '' : ` for ${approval.actingFor}`} asks for ${approval.leasable} for ${approval.ttlSeconds} s, purpose ${approval.purpose}.`,
    `${approval.needed} of the people in these roles have to approve until ${approval.expiresAt}: ${approval.approvers.join(', ')}. Nobody approves for themselves.`,
  ],
  firstCommand: `lockstep approve ${approval.id} --reason '…'`,
  at: approval.askedAt,
});
