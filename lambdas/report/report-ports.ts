import type { Inventory } from '../core/credential.ts';
import type { VerifySignature } from '../core/audit/verify.ts';
import type { AuditStore, HeadStore } from '../core/ports/audit.ts';
import type { DeadLetters } from '../core/ports/bus.ts';
import type { Ledger } from '../core/ports/ledger.ts';
import type { SecretCatalog } from '../core/ports/secret-catalog.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { Clock, Instant } from '../core/time.ts';

/** What answering needs from outside: reads only. */
export interface ReportPorts {
  readonly inventory: Inventory;
  readonly ledger: Pick<Ledger, 'read' | 'list'>;
  readonly chains: Pick<AuditStore, 'read' | 'tails'>;
  readonly heads: Pick<HeadStore, 'latest' | 'list'>;
  /** Under the pinned key of this deployment; the key inside a head is never trusted. */
  readonly verifySignature: VerifySignature;
  readonly auditOrigin: string;
  readonly vault: Pick<Vault, 'describe' | 'listVersions'>;
  readonly catalog: SecretCatalog;
  readonly deadLetters: Pick<DeadLetters, 'list'>;
  readonly clock: Clock;
  /** As `advance-rotation` has it: what is told of a deadline has to be what is done about it. */
  readonly upSince?: Instant;
}
