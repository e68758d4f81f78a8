import type { Approval } from '../core/access/approval.ts';
import { holderPartition, placePartition, shareOf, sharesOf } from '../core/access/lease-pointers.ts';
import { LockstepError } from '../core/errors.ts';
import { create, remove, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant, reached, secondsAfter, secondsBetween, type Instant } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';
import { findApproval } from './use-approval.ts';

/**
 * Requests of one holder, and whom it acts for, that may wait for people at once: each of them pages somebody. And those of
 * an agent for everybody that it acts for.
 */
export const MOST_OPEN = { ofShare: 5, ofAgent: 20 } as const;

const placesFor = (most: number): readonly string[] =>
  Array.from({ length: most }, (_, index) => String(index + 1));

/** How long the ledger keeps what points to an approval that is over, in seconds. */
export const POINTERS_KEPT_SECONDS = 3600;

/**
 * The writes that take places for a request: one of its own share, and one of its agent's. They go into the commit that
 * writes the request down: of two that ask at once for the same place one meets a conflict, and looks again. Throws
 * `LEASE_LIMIT` where all places are taken.
 */
export async function takePlaces(ports: GrantPorts, approval: Approval): Promise<readonly LedgerWrite[]> {
  const writes: LedgerWrite[] = [];
  for (const share of sharesOf(approval))
    writes.push(
      await takePlace(ports, approval, {
        share,
        most: share === shareOf(approval) ? MOST_OPEN.ofShare : MOST_OPEN.ofAgent,
      }),
    );
  return writes;
}

interface Places {
  readonly share: string;
  readonly most: number;
}

async function takePlace(
  ports: GrantPorts,
  { id, leasable, expiresAt }: Approval,
  places: Places,
): Promise<LedgerWrite> {
  const partition = placePartition(places.share);
  const rows = await ports.ledger.page('approval-index', partition, { limit: places.most });
  const place = { leasable, expiresAt, approval: id };
  const kept = secondsAfter(expiresAt, POINTERS_KEPT_SECONDS);
  const unused = placesFor(places.most).filter((each) => !rows.some((row) => row.id === each));
  const at = unused[(ports.randomBytes(1)[0] ?? 0) % Math.max(1, unused.length)];
  if (at !== undefined) return create('approval-index', partition, at, place, kept);
  for (const row of rows) if (!(await isTaken(ports, row))) return replace(row, place, kept);
  throw allTaken(ports, places, rows);
}

/**
 * What its holder takes back keeps its place until its time is up: its page has been sent. Otherwise whoever asks and takes
 * back, over and over, could have people paged without an end.
 */
async function isTaken(ports: GrantPorts, { body }: LedgerRow<'approval-index'>): Promise<boolean> {
  if (reached(body.expiresAt, ports.clock())) return false;
  const approval = (await findApproval(ports, body.approval ?? ''))?.body;
  if (!approval || approval.usedFor !== undefined) return false;
  const { denied, holder, actingFor } = approval;
  return denied === undefined || [holder, actingFor].includes(`person:${denied.person}`);
}

function allTaken(
  { clock }: GrantPorts,
  { share, most }: Places,
  rows: readonly LedgerRow<'approval-index'>[],
): LockstepError {
  const now = instant(clock());
  const next: Instant = rows.map(({ body }) => body.expiresAt).sort()[0] ?? now;
  return new LockstepError(
    'LEASE_LIMIT',
    `${rows.length} requests of ${share} wait for people, or were taken back within the hour, at most ${most}; have them decided, or come back at ${next}`,
    { retryAfterSeconds: Math.max(1, Math.ceil(secondsBetween(now, next))) },
  );
}

/** Clears away what nobody has decided in time. */
export async function clearUndecided({ ledger, clock }: GrantPorts, holder: string): Promise<void> {
  const rows = await ledger.page('approval-index', holderPartition(holder), { limit: 50 });
  const over = rows.filter(({ body }) => reached(body.expiresAt, clock()));
  if (over.length > 0) await ledger.commit(over.map(remove)).catch(() => undefined);
}
