import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Session } from '../../postgres/connection.ts';
import { timeoutsOf, type PostgresPorts } from '../../postgres/ports.ts';
import { lockedBeginning } from '../../postgres/transaction.ts';
import { lookAt, OWN_FUNCTIONS, readState, type LeaseState } from './lease-state.ts';
import { roleOf } from './lease-names.ts';

/** What is to be done with a lease at its server: statements, and what the caller is told. */
export interface LeaseChange<T> {
  /** None: everything is as it should be. */
  readonly statements: readonly string[];
  readonly answer: T;
}

type StateRow = Parameters<typeof readState>[0];

/**
 * Looks at a lease and changes it, in one transaction under its lock and in two messages to the server: a change either
 * sees what the one before has left, or comes first. The second message ends the transaction, so a process that dies or
 * stands still between the two has changed nothing.
 */
export async function changeLease<T>(
  ports: PostgresPorts,
  session: Session,
  { leaseId }: Pick<LeaserRequest, 'leaseId'>,
  decide: (state: LeaseState) => LeaseChange<T>,
): Promise<T> {
  const role = roleOf(leaseId);
  const askedAt = ports.clock();
  try {
    const [row] = await session.rows<NonNullable<StateRow>>(
      `the look at role ${role}`,
      `${OWN_FUNCTIONS} ${lockedBeginning(role, timeoutsOf(ports))}; ${lookAt(leaseId)}`,
    );
    const { statements, answer } = decide(readState(row, session.subject, ports.clock, askedAt));
    await session.run(`the change of role ${role}`, [...statements, 'COMMIT'].join('; '));
    return answer;
  } catch (error) {
    // After a lost connection there is nothing to undo and nobody to ask.
    await session.run('the undoing', 'ROLLBACK').catch(() => undefined);
    throw error;
  }
}
