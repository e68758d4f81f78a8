import type { AccessAsk } from '../contracts/access-requests.ts';
import type { CallingWorkload, Person } from '../core/access/caller.ts';
import { canonicalJson, sha256Hex } from '../core/digest.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { NewId } from '../core/ports/ids.ts';
import { create, type Ledger } from '../core/ports/ledger.ts';
import { instant, secondsAfter, type Clock, type Instant } from '../core/time.ts';

/** What using a token up needs. */
export interface SpendPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly newId: NewId;
  /** A token came for a second request. Told before it is refused. */
  readonly onReplay: (token: ReplayedToken) => Promise<void>;
}

/** A good token that came twice, and whom it proves. */
export interface ReplayedToken {
  readonly tokenId: string;
  readonly caller: CallingWorkload | Person;
}

/** Longer than any skew within which a token that has expired is still taken, in seconds. */
const KEEP_SECONDS = 600;

/**
 * Uses a bearer token up for one request. Whoever sees a request that a token came with can send both again, so it is good
 * once. A request for a lease may be repeated as it was, to the last field, with the token that it came with: it hands
 * nothing out twice. Under its id alone it could not be: whoever sent something else under that id would be let in by a
 * token that was spent for another lease. Any other request that went unanswered needs a new token.
 *
 * Throws `TOKEN_REPLAYED`; what the ledger throws lets nobody in.
 */
export async function spendToken(
  { ledger, clock, newId, onReplay }: SpendPorts,
  token: { readonly id: string; readonly expiresAt: Instant },
  caller: CallingWorkload | Person,
  ask: AccessAsk,
): Promise<void> {
  const use = ask.ask === 'lease' ? `lease ${sha256Hex(canonicalJson(ask))}` : `${ask.ask} ${newId()}`;
  try {
    await ledger.commit([
      create(
        'token',
        token.id,
        'use',
        { use, at: instant(clock()) },
        secondsAfter(token.expiresAt, KEEP_SECONDS),
      ),
    ]);
  } catch (error) {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
    // Our own write, whose answer was lost, comes back as a conflict as well.
    const before = (await ledger.read('token', token.id, 'use'))?.body.use;
    if (before === use) return;
    await onReplay({ tokenId: token.id, caller });
    throw new LockstepError(
      'TOKEN_REPLAYED',
      'this token has been used for another request; each is good for one, so ask its issuer for a new one',
    );
  }
}
