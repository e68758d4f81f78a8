import type { Approval } from '../core/access/approval.ts';
import { LockstepError } from '../core/errors.ts';
import type { LedgerRow } from '../core/ports/ledger.ts';
import { reached } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';
import { contextOf, type Asking } from './right.ts';
import type { Wish } from './wish.ts';

/** An approval's id, as `ask-approval` makes it. */
const APPROVAL_ID = /^[0-9a-f-]{36}$/;

/** The row of an approval; `undefined` where the ledger has none of that id. */
export async function findApproval(
  { ledger }: Pick<GrantPorts, 'ledger'>,
  id: string,
): Promise<LedgerRow<'approval'> | undefined> {
  return APPROVAL_ID.test(id) ? ledger.read('approval', id, 'approval') : undefined;
}

/** Whether an approval can still be given or used. */
export const isOpenApproval = ({ denied, usedFor, expiresAt }: Approval, now: Date): boolean =>
  denied === undefined && usedFor === undefined && !reached(expiresAt, now);

/**
 * The approval that a request names, as far as it is for exactly this request. What has been used is found out where it
 * would be used again. Throws `APPROVAL_REFUSED`.
 */
export async function readApproval(
  ports: GrantPorts,
  wish: Wish,
): Promise<LedgerRow<'approval'> | undefined> {
  if (wish.approval === undefined) return undefined;
  const row = await findApproval(ports, wish.approval);
  if (!row || row.body.requestDigest !== wish.digest) {
    throw refused(
      'is for another request: purpose, ttl, request id, holder and whom it acts for have to be those that people saw; ask without an approval to have this one approved',
    );
  }
  const { denied, expiresAt } = row.body;
  if (denied) throw refused(`was denied by ${denied.person}: ${denied.reason}`);
  if (reached(expiresAt, ports.clock()))
    throw refused(`expired at ${expiresAt}; ask again under a new request id`);
  return row;
}

/** The people who approved and still may, as policy has it now: who lost the right has approved nothing. */
export const approversStillAllowed = (
  ports: GrantPorts,
  { door }: Asking,
  wish: Pick<Wish, 'leasable' | 'purpose' | 'ttlSeconds'>,
  { approvedBy }: Approval,
): readonly string[] =>
  approvedBy
    .filter(
      ({ person, roles = [] }) =>
        ports.policy.decide({
          principal: { type: 'Person', id: person },
          roles,
          action: 'approve',
          resource: { type: 'Leasable', id: wish.leasable },
          context: {
            ...contextOf(ports, door, { purpose: wish.purpose, ttlSeconds: wish.ttlSeconds }),
            // It was decided with what had been proved then; the proof is not here any more.
            mfa: true,
          },
        }).allowed,
    )
    .map(({ person }) => person);

/** A refusal to take an approval. */
export const refused = (why: string): LockstepError =>
  new LockstepError('APPROVAL_REFUSED', `the approval ${why}`);
