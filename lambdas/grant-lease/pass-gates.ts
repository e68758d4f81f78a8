import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { passGate, waitForRoom, type GateAnswer, type GateLimits } from '../core/access/lease-gate.ts';
import {
  actingForPartition,
  holderPartition,
  leasablePartition,
  shareOf,
  sharePartition,
  sharesOf,
  targetPartition,
} from '../core/access/lease-pointers.ts';
import type { LeaseKnown } from '../core/access/lease-rows.ts';
import { LockstepError } from '../core/errors.ts';
import { create, replace, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import { instant, secondsBetween, type Instant } from '../core/time.ts';
import type { GrantPorts } from './grant-ports.ts';
import { nextEnd } from './next-end.ts';
import type { Wish } from './wish.ts';

/** What is written with a lease because it was let in. */
export interface Passed {
  /** Partitions of `lease-quota` that count it. */
  readonly gates: readonly string[];
  readonly writes: readonly LedgerWrite[];
}

/** One limit that a lease has to get past. */
interface Gate {
  readonly partition: string;
  readonly limits: GateLimits;
  /** What a refusal calls it. */
  readonly of: string;
}

/** Behind the last end of a lease it takes so long until there is room, in seconds. */
const HORIZON_MARGIN = 120;

/**
 * Lets a wish through its limits, or throws `LEASE_LIMIT` with the time to come back: its holder's own, those of what it
 * asks for, and those of the target. A place in a line is written down; the rest is written with the lease. Throws
 * `LEDGER_CONFLICT` where others were first at that: ask again.
 */
export async function passGates(ports: GrantPorts, wish: Wish): Promise<Passed> {
  const writes: LedgerWrite[] = [];
  for (const share of sharesOf(wish)) writes.push(await countIn(ports, wish, share));
  const gates = gatesOf(ports, wish.what);
  for (const [at, gate] of gates.entries()) {
    const row = await ports.ledger.read('lease-quota', gate.partition, 'use');
    const ask = askOf(ports, wish);
    const answer = passGate(row?.body, gate.limits, ask);
    if (answer.gate !== 'in') await wait(ports, wish, gate, row, answer);
    else {
      const known = at === 0 ? await knownWrites(ports, wish.what, row) : { writes: [] };
      const after = { ...answer.after, ...(known.as === undefined ? {} : { knownAs: known.as }) };
      writes.push(quotaWrite(gate, row, after), ...known.writes);
    }
  }
  return { gates: gates.map(({ partition }) => partition), writes };
}

/** Counts one lease more in a share, where that has room for it. */
async function countIn(ports: GrantPorts, wish: Wish, share: string): Promise<LedgerWrite> {
  const row = await ports.ledger.read('lease-quota', sharePartition(share), wish.leasable);
  const held = row?.body.live ?? 0;
  if (held >= mostOf(wish, share)) await refuseShare(ports, wish, share, held);
  const counted = { ...row?.body, live: held + 1 };
  return row ? replace(row, counted) : create('lease-quota', sharePartition(share), wish.leasable, counted);
}

/**
 * How many leases a share may have. An agent may have as many for each that it acts for as any principal; for all of them
 * together it leaves room for one more principal, whoever has taken it over.
 */
function mostOf(wish: Wish, share: string): number {
  const { perPrincipal, total } = wish.what.limits;
  return share === shareOf(wish) ? perPrincipal : Math.max(perPrincipal, total - perPrincipal);
}

function gatesOf(ports: GrantPorts, { name, limits, authority }: Leasable): readonly Gate[] {
  const ofTarget = accessOf(ports.inventory).leaseAuthorities.find((each) => each.name === authority)?.limits;
  return [
    { partition: leasablePartition(name), limits, of: name },
    ...(authority === undefined || ofTarget === undefined
      ? []
      : [{ partition: targetPartition(authority), limits: ofTarget, of: `what ${authority} makes` }]),
  ];
}

const askOf = ({ clock }: GrantPorts, wish: Wish) => ({
  holder: shareOf(wish),
  now: clock(),
  horizonSeconds: wish.what.ttl.maximumSeconds + HORIZON_MARGIN,
});

const quotaWrite = (
  { partition }: Gate,
  row: LedgerRow<'lease-quota'> | undefined,
  body: LedgerRow<'lease-quota'>['body'],
): LedgerWrite => (row ? replace(row, body) : create('lease-quota', partition, 'use', body));

/** Keeps the place in the line, and says when to come back. Throws `LEDGER_CONFLICT` where others change the line meanwhile. */
async function wait(
  ports: GrantPorts,
  wish: Wish,
  gate: Gate,
  row: LedgerRow<'lease-quota'> | undefined,
  answer: Exclude<GateAnswer, { readonly gate: 'in' }>,
): Promise<never> {
  const isFull = answer.gate === 'full';
  const told = isFull
    ? waitForRoom(
        row?.body,
        gate.limits,
        askOf(ports, wish),
        await nextEnd(ports, leasablePartition(wish.leasable)),
      )
    : answer;
  if (told.after) await ports.ledger.commit([quotaWrite(gate, row, told.after)]);
  const { total, perMinute } = gate.limits;
  throw limitReached(
    ports,
    isFull
      ? `${gate.of}: all ${total} leases are taken, or promised to others who wait`
      : `${gate.of}: ${perMinute} new leases in a minute are shared by whoever asks`,
    told.at,
  );
}

async function refuseShare(ports: GrantPorts, wish: Wish, share: string, held: number): Promise<never> {
  const { holder, actingFor, leasable } = wish;
  const isOwn = share === shareOf(wish);
  const next = await nextEnd(
    ports,
    isOwn && actingFor !== undefined ? actingForPartition(actingFor) : holderPartition(holder),
    (lease) => lease.leasable === leasable && lease.holder === holder,
  );
  const who = isOwn ? share : `${share}, for everybody that it acts for,`;
  throw limitReached(
    ports,
    `${who} has ${held} leases of ${leasable} that are not over, of ${mostOf(wish, share)}; one that is released makes room`,
    next ?? instant(new Date(ports.clock().getTime() + 60_000)),
  );
}

function limitReached({ clock }: GrantPorts, what: string, at: Instant): LockstepError {
  const retryAfterSeconds = Math.max(1, Math.ceil(secondsBetween(instant(clock()), at)));
  return new LockstepError('LEASE_LIMIT', `${what}; come back at ${at}, in ${retryAfterSeconds} s`, {
    retryAfterSeconds,
  });
}

/** Remembers what has ever been leased where, so that all of it can be ended, also what the inventory has lost. */
async function knownWrites(
  { ledger }: GrantPorts,
  { name, kind, tier, authority = kind }: Leasable,
  row: LedgerRow<'lease-quota'> | undefined,
): Promise<{ readonly as?: string; readonly writes: readonly LedgerWrite[] }> {
  const as = `${tier}@${authority}`;
  if (row?.body.knownAs === as) return { writes: [] };
  const id = `${name}@${authority}`;
  const body: LeaseKnown = { leasable: name, target: authority, kind, tier };
  const known = await ledger.read('lease-known', 'leasables', id);
  return { as, writes: [known ? replace(known, body) : create('lease-known', 'leasables', id, body)] };
}
