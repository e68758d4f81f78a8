import { describeError, isLockstepError } from '../errors.ts';
import type { AuditAppender } from '../ports/audit.ts';
import type { NewId } from '../ports/ids.ts';
import { instant, type Clock } from '../time.ts';
import type { AuditEntry } from './record.ts';

/** What an audited effect needs from outside. */
export interface AuditPorts {
  readonly audit: AuditAppender;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** An entry without the parts that differ between the intent and its outcome. */
export type AuditSubject = Pick<AuditEntry, 'chain' | 'action' | 'who' | 'what' | 'why'>;

/** What may be said of an effect that returned. */
export type OutcomeNote = Pick<NonNullable<AuditEntry['result']>, 'outcome' | 'code' | 'note' | 'until'>;

/**
 * Runs an effect between a durable intent and an outcome.
 *
 * The intent must be written or the effect does not happen. When the outcome cannot be written the effect
 * has happened: the caller learns `AUDIT_UNAVAILABLE`, runs again, and the effect converges; the log then
 * holds two intents and one outcome, which is the truth.
 *
 * @param note what to say of a result that is not plainly `done`
 */
export async function auditedEffect<T>(
  ports: AuditPorts,
  subject: AuditSubject,
  effect: () => Promise<T>,
  note: (result: T) => OutcomeNote = () => ({ outcome: 'done' }),
): Promise<T> {
  await write(ports, subject, 'intent');
  const result = await effect().catch(async (error: unknown) => {
    // The effect's own error matters more than a second one of the audit.
    await write(ports, subject, 'outcome', failure(error)).catch(() => undefined);
    throw error;
  });
  await write(ports, subject, 'outcome', note(result));
  return result;
}

/** The same in breach mode: an audit that cannot be written is counted by the appender, and stops nothing. */
export async function auditedWithoutWaiting<T>(
  ports: AuditPorts,
  subject: AuditSubject,
  effect: () => Promise<T>,
): Promise<T> {
  const record = (type: 'intent' | 'outcome', result?: OutcomeNote): Promise<void> =>
    write(ports, subject, type, result).catch(() => undefined);
  await record('intent');
  try {
    const result = await effect();
    await record('outcome', { outcome: 'done' });
    return result;
  } catch (error) {
    await record('outcome', failure(error));
    throw error;
  }
}

/** Writes one entry that stands for itself: a decision, a refusal. */
export async function auditFact(
  ports: AuditPorts,
  subject: AuditSubject,
  type: 'decision' | 'refusal' | 'outcome',
  result?: OutcomeNote,
): Promise<void> {
  await write(ports, subject, type, result);
}

async function write(
  { audit, clock, newId }: AuditPorts,
  subject: AuditSubject,
  type: AuditEntry['type'],
  result?: OutcomeNote,
): Promise<void> {
  await audit.append({ id: newId(), type, at: instant(clock()), ...subject, ...(result ? { result } : {}) });
}

function failure(error: unknown): OutcomeNote {
  const { code } = describeError(error);
  // Only our own refusals are known to have had no effect; an answer that never came says nothing.
  const known = isLockstepError(error) && error.remedy !== 'retry';
  return { outcome: known ? 'failed' : 'unknown', code };
}
