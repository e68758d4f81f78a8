import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { FileHeadStore } from '../../../embedded/audit/file-head-store.ts';
import { SqliteAuditStore } from '../../../embedded/audit/sqlite-audit-store.ts';
import { SqliteBus } from '../../../embedded/bus/sqlite-bus.ts';
import { SqliteLedger } from '../../../embedded/ledger/sqlite-ledger.ts';
import { realSleep } from '../../../embedded/loop/sleep.ts';
import { SqliteTimer } from '../../../embedded/timer/sqlite-timer.ts';
import { EmbeddedVault } from '../../../embedded/vault/open-vault.ts';
import { appendAudit } from '../../../lambdas/append-audit/append-audit.ts';
import type { LockstepEvent } from '../../../lambdas/core/events.ts';
import type { AuditAppender, AuditStore } from '../../../lambdas/core/ports/audit.ts';
import { DELIVERY_RETRIES } from '../../../lambdas/core/propagation/backoff.ts';

export const SECRET = 'lockstep/test/vector-store';

const onError = (error: unknown): never => {
  throw error;
};

/** The vault of a folder, with one declared secret and everything allowed. */
export function crashVault(folder: string): EmbeddedVault {
  const vault = new EmbeddedVault({
    path: join(folder, 'data', 'vault.sqlite'),
    keyPath: join(folder, 'keys', 'vault.key'),
    account: '000000000000',
    region: 'local',
    clock: () => new Date(),
    newId: randomUUID,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    authorise: () => true,
    defaultBus: async () => undefined,
    startRotation: async () => undefined,
  });
  vault.createSecret(SECRET);
  return vault;
}

/** The bus of a folder with one function. */
export function crashBus(folder: string, advance: (event: LockstepEvent) => Promise<void>): SqliteBus {
  return new SqliteBus({
    path: join(folder, 'bus.sqlite'),
    clock: () => new Date(),
    sleep: realSleep,
    random: Math.random,
    retries: DELIVERY_RETRIES,
    handlers: { 'advance-rotation': advance },
    awsHandlers: {},
    concurrency: 4,
    onError,
  });
}

/** The timers of a folder. */
export function crashTimer(
  folder: string,
  publish: (events: readonly LockstepEvent[]) => Promise<void>,
): SqliteTimer {
  return new SqliteTimer({
    path: join(folder, 'timers.sqlite'),
    clock: () => new Date(),
    sleep: realSleep,
    publish,
    onError,
  });
}

export const crashLedger = (folder: string): SqliteLedger =>
  new SqliteLedger({ path: join(folder, 'ledger.sqlite'), clock: () => new Date() });

export const crashAudit = (folder: string): SqliteAuditStore =>
  new SqliteAuditStore(join(folder, 'audit.sqlite'));

export const crashAppender = (store: AuditStore): AuditAppender => appendAudit(store, async () => undefined);

export const crashHeads = (folder: string): FileHeadStore => new FileHeadStore(join(folder, 'heads'));
