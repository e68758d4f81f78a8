import type { Change, Cause } from '../events.ts';
import type { StepName, VersionRef } from '../rotation/rotation.ts';
import type { Observation, OwnedKey } from './rotator.ts';

/** One of the four steps, as Secrets Manager invokes them. */
export interface StepRequest {
  readonly step: StepName;
  /** Name or ARN. */
  readonly secretId: string;
  readonly token: string;
  /** Handed back in PutSecretValue where the function acts through another role. Sensitive: never logged. */
  readonly rotationToken?: string;
}

/**
 * What a target function can be asked besides the four steps, and what it answers. Each names a
 * credential; the function loads everything else from the ledger and the vault by itself, so no command
 * can make it act on what its caller made up.
 */
export interface TargetCommands {
  /** Logs in with AWSCURRENT, or with the version given. */
  prove: { readonly asks: { readonly version?: string }; readonly answers: { readonly works: boolean } };
  /** Makes a first value at the target, stores it as AWSCURRENT and proves it: adoption without a person. */
  'issue-first': { readonly asks: { readonly token: string }; readonly answers: VersionRef };
  /** What the target shows of the use of this rotation's two versions. */
  observe: {
    readonly asks: { readonly rotation: string };
    readonly answers: Observation | { readonly unsupported: true };
  };
  /** Writes what is expected of dependents for a change; written once, then frozen. */
  expect: {
    readonly asks: {
      readonly rotation: string;
      readonly id: string;
      readonly version: string;
      readonly change: Change;
      readonly dependents: readonly string[];
    };
    readonly answers: { readonly id: string };
  };
  disable: {
    readonly asks: { readonly rotation: string };
    readonly answers: { readonly state: 'disabled' | 'in-use' | 'not-supported' };
  };
  enable: {
    readonly asks: { readonly rotation: string };
    readonly answers: { readonly state: 'enabled' | 'not-supported' };
  };
  /** Ends the predecessor (or, rolling back, the successor) and asks the target whether it is refused now. */
  revoke: {
    readonly asks: { readonly rotation: string };
    readonly answers: { readonly refused: 'refused' | 'accepted' | 'unknown' };
  };
  /** Rolling back: enables and proves the predecessor, then moves AWSCURRENT back to it. */
  restore: { readonly asks: { readonly rotation: string }; readonly answers: { readonly current: string } };
  /** Tells how a pending version stands at the target. */
  'probe-pending': {
    readonly asks: { readonly rotation: string };
    readonly answers: { readonly pending: 'works' | 'refused' | 'no-value' | 'absent' | 'unknown' };
  };
  /** Takes AWSPENDING off an abandoned rotation's version and ends whatever it made at the target. */
  'clean-up': {
    readonly asks: { readonly rotation: string };
    readonly answers: { readonly revoked: readonly string[] };
  };
  /** Every live key that this deployment made for the credential. */
  'list-ours': {
    readonly asks: Readonly<Record<never, never>>;
    readonly answers: { readonly keys: readonly OwnedKey[] };
  };
  /** Ends one of those keys, which the ledger proves to be an orphan. */
  'revoke-orphan': {
    readonly asks: { readonly key: string; readonly token: string };
    readonly answers: { readonly revoked: boolean };
  };
  /** Takes AWSPENDING off a version that no live rotation owns. */
  'strip-pending': {
    readonly asks: { readonly version: string };
    readonly answers: { readonly stripped: boolean };
  };
  /** Breach mode: stops every version that works and ends its sessions. */
  'stop-all': {
    readonly asks: { readonly cause: Cause };
    readonly answers: { readonly stopped: readonly string[]; readonly failed: readonly string[] };
  };
}

export type TargetCommandName = keyof TargetCommands;

/** One command as it crosses to the function. */
export type TargetCommand = {
  readonly [C in TargetCommandName]: {
    readonly do: C;
    readonly credential: string;
  } & TargetCommands[C]['asks'];
}[TargetCommandName];

/**
 * Addresses the target function of a family. The only way to a target for `reconcile`, timers,
 * retirement and `operate`.
 *
 * Errors: the `LockstepError` that the function threw; `TARGET_UNREACHABLE` where the function itself
 * could not be reached or gave no answer (its effect is then unknown).
 */
export interface TargetFunctions {
  call<C extends TargetCommandName>(
    family: string,
    command: { readonly do: C; readonly credential: string } & TargetCommands[C]['asks'],
  ): Promise<TargetCommands[C]['answers']>;
}
