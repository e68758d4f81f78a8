import { LockstepError } from '../../lambdas/core/errors.ts';
import type {
  RotationStart,
  SecretDescription,
  SecretVersion,
  Vault,
  VersionSelector,
  VersionSummary,
} from '../../lambdas/core/ports/vault.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import type { AccessedCall, VaultCall } from './access-record.ts';
import type { SecretStore } from './secret-store.ts';
import type { Witness } from './witness.ts';

/** A question of right: may this principal make this call about this secret? */
export interface AccessRequest {
  readonly principal: string;
  readonly call: VaultCall;
  /** The secret's name; what the caller sent where there is no such secret. */
  readonly secret: string;
}

/** Decides about rights. Must answer from what it knows: a vault cannot wait for a decision. */
export type Authorise = (request: AccessRequest) => boolean;

/** What all clients of one vault share. */
export interface VaultCore {
  readonly store: SecretStore;
  readonly authorise: Authorise;
  readonly witness: Witness;
  /** Plays RotateSecret: the StepDriver. */
  readonly startRotation: (arn: string, start: RotationStart) => Promise<void>;
}

/**
 * The vault as one principal may use it. Every call is decided and then witnessed, the denied ones too; a
 * denied call (`VAULT_REFUSED`) does not tell whether the secret exists.
 */
export class PrincipalVault implements Vault {
  readonly #core: VaultCore;
  readonly #principal: string;

  constructor(core: VaultCore, principal: string) {
    this.#core = core;
    this.#principal = principal;
  }

  describe(secretId: string): Promise<SecretDescription> {
    return this.#call('DescribeSecret', secretId, {}, async () => this.#core.store.describe(secretId));
  }

  listVersions(secretId: string): Promise<readonly VersionSummary[]> {
    return this.#call('ListSecretVersionIds', secretId, {}, async () =>
      this.#core.store.listVersions(secretId),
    );
  }

  read(secretId: string, selector: VersionSelector = {}): Promise<SecretVersion> {
    const { version, label } = selector;
    const parameters = {
      ...(version === undefined ? {} : { versionId: version }),
      ...(label === undefined ? {} : { versionStage: label }),
    };
    return this.#call('GetSecretValue', secretId, parameters, async () =>
      this.#core.store.read(secretId, selector),
    );
  }

  async putPending(secretId: string, token: string, value: Secret): Promise<void> {
    await this.#put(secretId, token, value, 'AWSPENDING');
  }

  async putFirst(secretId: string, token: string, value: Secret): Promise<void> {
    const isNew = await this.#put(secretId, token, value, 'AWSCURRENT');
    if (isNew) await this.#core.witness.labelMoved(this.#core.store.find(secretId), 'AWSCURRENT', token);
  }

  async moveCurrent(secretId: string, move: { readonly to: string; readonly from: string }): Promise<void> {
    const parameters = {
      versionStage: 'AWSCURRENT',
      moveToVersionId: move.to,
      removeFromVersionId: move.from,
    };
    await this.#call('UpdateSecretVersionStage', secretId, parameters, async () =>
      this.#core.store.moveCurrent(secretId, move),
    );
    await this.#core.witness.labelMoved(this.#core.store.find(secretId), 'AWSCURRENT', move.to);
  }

  removePending(secretId: string, version: string): Promise<void> {
    const parameters = { versionStage: 'AWSPENDING', removeFromVersionId: version };
    return this.#call('UpdateSecretVersionStage', secretId, parameters, async () =>
      this.#core.store.removePending(secretId, version),
    );
  }

  startRotation(secretId: string, start: RotationStart): Promise<void> {
    const { token, immediately, configure } = start;
    const parameters = {
      clientRequestToken: token,
      rotateImmediately: immediately,
      ...(configure
        ? {
            rotationLambdaARN: configure.functionArn,
            rotationRules: { automaticallyAfterDays: configure.everyDays },
          }
        : {}),
    };
    return this.#call('RotateSecret', secretId, parameters, () =>
      this.#core.startRotation(this.#core.store.find(secretId).arn, start),
    );
  }

  #put(secretId: string, token: string, value: Secret, label: 'AWSPENDING' | 'AWSCURRENT'): Promise<boolean> {
    const parameters = { clientRequestToken: token, versionStages: [label] };
    return this.#call('PutSecretValue', secretId, parameters, async () =>
      this.#core.store.put(secretId, token, value, label),
    );
  }

  async #call<T>(
    call: VaultCall,
    secretId: string,
    parameters: AccessedCall['parameters'],
    effect: () => Promise<T>,
  ): Promise<T> {
    const { store, authorise, witness } = this.#core;
    const secret = store.findIfAny(secretId);
    const accessed: AccessedCall = {
      call,
      principal: this.#principal,
      secretId,
      parameters: { secretId, ...parameters },
      response: secret ? { arn: secret.arn, name: secret.name } : null,
    };
    if (!authorise({ principal: this.#principal, call, secret: secret?.name ?? secretId })) {
      await witness.called(accessed, { kind: 'denied' });
      const message = `${this.#principal} may not call ${call} on ${secretId}; bind it in the inventory if it should`;
      throw new LockstepError('VAULT_REFUSED', message);
    }
    try {
      const answer = await effect();
      await witness.called(accessed, undefined);
      return answer;
    } catch (error) {
      await witness.called(accessed, { kind: 'failed', error });
      throw error;
    }
  }
}
