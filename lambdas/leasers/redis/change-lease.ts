import { LockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Session } from './connection.ts';
import { memoryIn, type LeaseMemory } from './lease-memory.ts';
import { memoryKeyOf, userOf } from './lease-names.ts';
import type { RedisLeaserPorts } from './ports.ts';
import { timeOf } from './server.ts';

/** What the server has of a lease. */
export interface LeaseState {
  /** By the server's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly memory: LeaseMemory | undefined;
  /** Its user is there. */
  readonly exists: boolean;
}

/** Others may have been faster so many times in a row; after that it is told to come again. */
const ATTEMPTS = 5;

/**
 * Looks at a lease and changes it, in two messages. The memory of the lease is watched from before the look on, and every
 * change of a lease, its end included, writes that memory: where somebody was in between, Redis does nothing of the
 * change, however long the process stood still.
 */
export async function changeLease(
  ports: RedisLeaserPorts,
  session: Session,
  request: LeaserRequest,
  decide: (state: LeaseState) => readonly (readonly string[])[],
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const commands = decide(await look(ports, session, request));
    const replies = await session.ask(`the change of user ${userOf(request.leaseId)}`, [
      ['MULTI'],
      ...commands,
      ['EXEC'],
    ]);
    if (replies.at(-1) !== null) return;
  }
  throw new LockstepError(
    'TARGET_BUSY',
    `user ${userOf(request.leaseId)} was changed by somebody else again and again; it is tried again`,
  );
}

async function look(ports: RedisLeaserPorts, session: Session, request: LeaserRequest): Promise<LeaseState> {
  const askedAt = ports.clock();
  const key = memoryKeyOf(request.leaseId);
  const [, time, memory, user] = await session.ask(`the look at user ${userOf(request.leaseId)}`, [
    ['WATCH', key],
    ['TIME'],
    ['GET', key],
    ['ACL', 'GETUSER', userOf(request.leaseId)],
  ]);
  return {
    now: timeOf(time, session, ports.clock, askedAt),
    memory: memoryIn(memory),
    exists: user !== null,
  };
}
