import type { Credential, Inventory } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import type { AuditAppender } from '../core/ports/audit.ts';
import type { NewId } from '../core/ports/ids.ts';
import type { Rotator } from '../core/ports/rotator.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { WriteBudgetPorts } from '../core/rotation/take-vault-writes.ts';

/** Everything a target function works with. One function serves one family of kinds. */
export interface TargetPorts extends WriteBudgetPorts {
  readonly inventory: Inventory;
  /** The mark of this deployment: in the name of whatever is minted. */
  readonly mark: string;
  readonly family: string;
  readonly vault: Vault;
  readonly audit: AuditAppender;
  readonly newId: NewId;
  /** The rotator of a kind of this family. */
  readonly rotatorFor: (kind: string) => Rotator;
  /** How the audit names this function. */
  readonly functionName: string;
  /** Longer than an invocation can live, in seconds. */
  readonly lockSeconds: number;
}

/** The credential, as long as this function serves its family: no function reaches into another's targets. */
export function ownCredential(ports: TargetPorts, credential: Credential): Credential {
  if (credential.family === ports.family) return credential;
  throw new LockstepError(
    'NOT_SUPPORTED',
    `${credential.name} belongs to the family ${credential.family}; this function serves ${ports.family}`,
  );
}
