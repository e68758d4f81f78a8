import type { RotationStart, SecretDescription } from '../../lambdas/core/ports/vault.ts';

/**
 * What the StepDriver needs of the vault that it plays Secrets Manager for. Not the `Vault` port: these are
 * the things that Secrets Manager does by itself. Small, so that an emulator without rotations can be
 * driven as well.
 */
export interface DrivenVault {
  describe(secretId: string): Promise<Pick<SecretDescription, 'arn' | 'rotationEnabled' | 'versions'>>;
  /**
   * Makes the version that a token names, with AWSPENDING and no value. There already: nothing happens.
   * `withCurrentValue` only in a test run that is played so.
   */
  registerPending(arn: string, token: string, withCurrentValue: boolean): Promise<void>;
  removePending(arn: string, token: string): Promise<void>;
  /** Remembers function and interval; from then on the secret counts as one that rotates. */
  configure(arn: string, configure: NonNullable<RotationStart['configure']>): Promise<void>;
}

/** One rotation, or one test run, that is not over. */
export interface RotationJob {
  readonly arn: string;
  readonly token: string;
  readonly does: 'rotate' | 'test';
  /** The pending version has been made: if it is missing from now on, somebody took it away. */
  readonly registered: boolean;
  /** Attempts that failed. A process that died in the middle of one does not count. */
  readonly failures: number;
}

/** The queue. A job is durable when `save` returns. */
export interface RotationJobs {
  save(job: RotationJob): Promise<void>;
  remove(arn: string, token: string): Promise<void>;
  list(): Promise<readonly RotationJob[]>;
}

/** What Secrets Manager tells CloudTrail about a rotation, by its event name. */
export interface DriverReport {
  readonly event:
    | 'RotationStarted'
    | 'RotationSucceeded'
    | 'RotationFailed'
    | 'RotationAbandoned'
    | 'TestRotationStarted'
    | 'TestRotationSucceeded'
    | 'TestRotationFailed';
  readonly arn: string;
  readonly token: string;
  /** Why, where it failed: a code of ours and nothing else. */
  readonly code?: string;
}

/** How unfriendly the driver plays. For tests; the answers of a quiet one are the defaults. */
export interface Temper {
  /** How many times a step is invoked at once (1). The first one's answer counts. */
  copies?(step: string, token: string): number;
  /** Whether, after this step succeeded, the rotation starts again from createSecret (false). Must end. */
  replayAfter?(step: string, token: string): boolean;
  /** Whether the version of a test run holds a copy of the current value (false). AWS does not say. */
  copiesValueForTest?(token: string): boolean;
}
