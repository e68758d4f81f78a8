import type { AuditRecord } from '../lambdas/core/audit/record.ts';
import type { LeaseView } from '../lambdas/core/access/lease.ts';
import { LockstepError } from '../lambdas/core/errors.ts';
import type { AccessOptions } from './access-options.ts';
import { askBroker } from './ask-broker.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Invocation } from './invocation.ts';
import { recordsText } from './output/history-text.ts';
import { oneLeaseText } from './output/one-lease-text.ts';

/** So many records of what was leased are looked through for those of one lease. */
const LOOK_AT = 1000;

/** `lockstep leases <lease>`: one lease in full, and what the audit has of it, for whoever may read that as well. */
export async function showOneLease(invocation: Invocation<AccessOptions>, id: string): Promise<ExitCode> {
  const {
    leases: [lease],
    detail,
  } = await askBroker(invocation, 'leases', { lease: id });
  if (!lease || !detail)
    throw new LockstepError(
      'UNKNOWN_LEASE',
      'the ledger has no lease of that id, or you may not see it; of one that was over more than 30 days ago the audit alone ' +
        'has something: lockstep history <what was leased>',
    );
  const records = await recordsOf(invocation, lease, detail.approval?.id);
  const now = invocation.surroundings.clock().toISOString();
  return invocation.answer({ lease, detail, ...(records ? { records } : {}) }, () =>
    [
      oneLeaseText(lease, detail, now),
      '',
      records
        ? recordsText(records, invocation.paint)
        : `The audit cannot be read from here; for whoever may: lockstep history ${lease.leasable}`,
    ].join('\n'),
  );
}

/** `undefined` where the audit cannot be read from here, or not by who asks. */
async function recordsOf(
  invocation: Invocation<AccessOptions>,
  { id, leasable }: LeaseView,
  approval: string | undefined,
): Promise<readonly AuditRecord[] | undefined> {
  if (invocation.options.broker !== undefined) return undefined;
  try {
    const connection = await invocation.connect();
    const { records } = await connection.query('history', { credential: leasable, limit: LOOK_AT });
    return records.filter(
      ({ entry: { what } }) =>
        what.lease === id ||
        what.leases?.includes(id) === true ||
        (approval !== undefined && what.approval === approval),
    );
  } catch (error) {
    if (error instanceof LockstepError) return undefined;
    throw error;
  }
}
