import { continueChain, type AuditEntry, type AuditRecord } from '../core/audit/record.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { AuditAppender, AuditStore } from '../core/ports/audit.ts';

/** Several functions append to one chain at once; each loser reads the new tail and continues behind it. */
const ATTEMPTS = 20;

/**
 * The one place that puts entries into chains. An entry id that is there already is answered with its record,
 * so a caller that lost the answer can ask again.
 *
 * @param jitter waits a little between attempts, so that losers do not stay in step
 */
export function appendAudit(store: AuditStore, jitter: (attempt: number) => Promise<void>): AuditAppender {
  return {
    append: async (entry) => {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const known = await store.find(entry.chain, entry.id);
        if (known) return known;
        const appended = await tryAppend(store, entry);
        if (appended) return appended;
        await jitter(attempt);
      }
      throw new LockstepError(
        'AUDIT_UNAVAILABLE',
        `chain ${entry.chain} was written by others ${ATTEMPTS} times in a row; try again`,
      );
    },
  };
}

async function tryAppend(store: AuditStore, entry: AuditEntry): Promise<AuditRecord | undefined> {
  const record = continueChain(await store.tail(entry.chain), entry);
  try {
    await store.append(record);
    return record;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return undefined;
    throw error;
  }
}
