import type { Secret } from '../secret.ts';
import type { Instant } from '../time.ts';

/** The staging labels that Secrets Manager itself gives a meaning to. */
export type StagingLabel = 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS';

/** What DescribeSecret tells. */
export interface SecretDescription {
  readonly arn: string;
  readonly name: string;
  /** `undefined` before the first rotation was configured: that passes the guard, `false` does not. */
  readonly rotationEnabled: boolean | undefined;
  /** Labels by version. A pending version may be here and have no value yet. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** Regions that hold a replica. Not supported yet; refused by name. */
  readonly replicaRegions: readonly string[];
}

/** One version that carries a label, without its value: what ListSecretVersionIds tells. */
export interface VersionSummary {
  readonly version: string;
  readonly labels: readonly string[];
  /** When it was made, which no move of a label changes. Absent where the vault does not say: that is not "just now". */
  readonly createdAt?: Instant;
}

/** One version with its value. */
export interface SecretVersion {
  readonly version: string;
  readonly labels: readonly string[];
  readonly value: Secret;
}

/** Which version to read. Neither given means AWSCURRENT. */
export interface VersionSelector {
  readonly version?: string;
  readonly label?: StagingLabel;
}

/** How a rotation is started. */
export interface RotationStart {
  /** Becomes the VersionId of the successor: a UUID (32 to 64 characters). */
  readonly token: string;
  /** `false` registers the function and runs `testSecret` alone: what adoption does. */
  readonly immediately: boolean;
  /** Given at adoption only: which function, and the backstop interval. */
  readonly configure?: { readonly functionArn: string; readonly everyDays: number };
}

/**
 * The store of values, in the verbs and with the label rules of AWS Secrets Manager
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/).
 *
 * Obligations: no call shares a transaction with any other port; a write is durable when it returns; a
 * read need not see one's own last write at once. An answer may be lost after its effect, so every
 * caller must stand a repeat. `secretId` is a name or an ARN.
 *
 * Errors: `UNKNOWN_CREDENTIAL` no such secret; `UNKNOWN_VERSION` no such version, or one without a value;
 * `VERSION_CONFLICT` that version holds another value; `LABEL_CONFLICT` the label is not where the caller
 * said it was; `PENDING_ELSEWHERE` an earlier rotation is not complete; `VAULT_UNAVAILABLE` try again.
 */
export interface Vault {
  describe(secretId: string): Promise<SecretDescription>;
  /** Every version that carries a label, in no order. */
  listVersions(secretId: string): Promise<readonly VersionSummary[]>;
  read(secretId: string, selector?: VersionSelector): Promise<SecretVersion>;
  /**
   * Stores a value under `token` with AWSPENDING and nothing else. Same token and value again: nothing
   * happens. Same token and another value: `VERSION_CONFLICT`. Never before adoption: the first version of a
   * secret becomes AWSCURRENT besides, tested or not.
   */
  putPending(secretId: string, token: string, value: Secret, rotationToken?: string): Promise<void>;
  /** Stores a credential's first value as AWSCURRENT: adoption only. Repeats as `putPending` does. */
  putFirst(secretId: string, token: string, value: Secret): Promise<void>;
  /** Moves AWSCURRENT from one version to another; AWSPREVIOUS follows it. `from` not holding it: `LABEL_CONFLICT`. */
  moveCurrent(secretId: string, move: { readonly to: string; readonly from: string }): Promise<void>;
  /** Takes AWSPENDING off a version. Not there: nothing happens. */
  removePending(secretId: string, version: string): Promise<void>;
  /** RotateSecret: answers before any step has run. The same token again reattempts that rotation. */
  startRotation(secretId: string, start: RotationStart): Promise<void>;
}
