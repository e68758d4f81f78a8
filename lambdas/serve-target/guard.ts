import type { Credential } from '../core/credential.ts';
import { LockstepError } from '../core/errors.ts';
import { findCredentialOfSecret } from '../core/find-credential.ts';
import type { StepRequest } from '../core/ports/targets.ts';
import type { SecretDescription } from '../core/ports/vault.ts';
import { hasEndedWithoutSuccess, isOver, type Rotation } from '../core/rotation/rotation.ts';
import { ownCredential, type TargetPorts } from './target-ports.ts';

/** What a step may do. */
export type Admission =
  | {
      readonly to: 'work';
      readonly credential: Credential;
      readonly rotation: Rotation;
      readonly secret: SecretDescription;
    }
  /** The token holds AWSCURRENT: the rotation is finished at the vault, and only the ledger may lag behind. */
  | {
      readonly to: 'finish-bookkeeping';
      readonly credential: Credential;
      readonly rotation: Rotation | undefined;
    }
  /** The token is unknown to the ledger at `createSecret`: Secrets Manager's own backstop schedule has fired. */
  | { readonly to: 'admit-backstop'; readonly credential: Credential; readonly secret: SecretDescription }
  /** A `testSecret` of its own: Secrets Manager tries the configuration, nothing rotates. */
  | { readonly to: 'test-only'; readonly credential: Credential };

/**
 * The first thing of every step, before any effect (facts of the Secrets Manager contract:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html).
 *
 * A token that was rolled back or abandoned is refused for ever with an error, and so is one that was retired and is
 * not current any more: a quiet success would let Secrets Manager record a rotation that never was.
 */
export async function guardStep(ports: TargetPorts, request: StepRequest): Promise<Admission> {
  const credential = ownCredential(ports, findCredentialOfSecret(ports.inventory, request.secretId));
  const secret = await ports.vault.describe(request.secretId);
  const labels = labelsOf(credential, secret, request.token);
  const rotation = (await ports.ledger.read('rotation', credential.name, request.token))?.body;
  const subject = `version ${request.token} of ${credential.name}`;

  // A retired one may be current for long; once it is not, its token is as spent as any other.
  const isSpent =
    rotation && (hasEndedWithoutSuccess(rotation) || (isOver(rotation) && !labels.includes('AWSCURRENT')));
  if (isSpent) {
    throw new LockstepError(
      'ROTATION_ENDED',
      `the rotation to ${subject} is over (${rotation.phase}); its token has no effect any more`,
    );
  }
  if (labels.includes('AWSCURRENT')) return { to: 'finish-bookkeeping', credential, rotation };
  if (!labels.includes('AWSPENDING')) {
    throw new LockstepError('LABEL_CONFLICT', `${subject} is not pending; it cannot be rotated to`);
  }
  if (rotation) return { to: 'work', credential, rotation, secret };
  if (request.step === 'testSecret') return { to: 'test-only', credential };
  if (request.step === 'createSecret') return { to: 'admit-backstop', credential, secret };
  throw new LockstepError(
    'OUT_OF_ORDER',
    `${subject} is unknown to the ledger; createSecret has to admit it first`,
  );
}

function labelsOf(credential: Credential, secret: SecretDescription, token: string): readonly string[] {
  if (secret.replicaRegions.length > 0) {
    const regions = secret.replicaRegions.join(', ');
    throw new LockstepError(
      'NOT_SUPPORTED',
      `${credential.name} is replicated to ${regions}; replicated secrets are not supported yet`,
    );
  }
  if (secret.rotationEnabled === false) {
    throw new LockstepError(
      'ROTATION_DISABLED',
      `rotation of ${credential.name} is switched off in Secrets Manager; adopt it again`,
    );
  }
  const labels = secret.versions[token];
  if (labels) return labels;
  throw new LockstepError('UNKNOWN_VERSION', `${credential.name} has no version ${token}`);
}
