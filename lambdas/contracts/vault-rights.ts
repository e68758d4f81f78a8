import { accessOf } from '../core/access/access-inventory.ts';
import { secretName, type Inventory } from '../core/credential.ts';
import { heartbeatSecret, leaseFunction, targetFunction, tellFunction, type FunctionName } from './names.ts';

/** The calls to the vault that anybody of ours makes, in the words of Secrets Manager. */
export type VaultRight =
  | 'DescribeSecret'
  | 'ListSecretVersionIds'
  | 'GetSecretValue'
  | 'PutSecretValue'
  | 'UpdateSecretVersionStage'
  | 'RotateSecret';

/** What one function may do with one secret. */
export interface VaultGrant {
  readonly function: FunctionName;
  readonly secret: string;
  readonly rights: readonly VaultRight[];
}

/**
 * Every right that Lockstep's own functions have on secrets: the embedded vault authorises by it, and on AWS the
 * policies of secrets and roles say the same. A function that is not in it reads nothing.
 */
export function vaultGrants(inventory: Inventory): readonly VaultGrant[] {
  const { environment, credentials } = inventory;
  const signingKeys = new Map<string, Set<string>>();
  for (const { dependents } of credentials) {
    for (const { kind, settings } of dependents) {
      const key = settings['signingKey'];
      if (typeof key === 'string')
        signingKeys.set(kind, (signingKeys.get(kind) ?? new Set<string>()).add(key));
    }
  }
  const own = credentials.flatMap(({ name, family }): readonly VaultGrant[] => {
    const secret = secretName(environment, name);
    return [
      {
        function: targetFunction(family),
        secret,
        rights: ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'],
      },
      // Describing tells which version blocks a rotation that cannot start.
      { function: 'start-rotation', secret, rights: ['DescribeSecret', 'RotateSecret'] },
      { function: 'operate', secret, rights: ['DescribeSecret', 'RotateSecret'] },
      { function: 'reconcile', secret, rights: ['DescribeSecret'] },
      { function: 'report', secret, rights: ['DescribeSecret'] },
    ];
  });
  const tellers = [...signingKeys].flatMap(([kind, names]) =>
    [...names].map((name): VaultGrant => ({
      function: tellFunction(kind),
      secret: secretName(environment, name),
      rights: ['GetSecretValue'],
    })),
  );
  return [
    ...own,
    ...tellers,
    ...leaseAuthorityGrants(inventory),
    { function: 'take-pulse', secret: heartbeatSecret(environment), rights: ['GetSecretValue'] },
  ];
}

/**
 * A lease authority is read by its kind's function alone: nobody who rotates or decides, and nobody who writes it, ever does.
 * How old it is, which its versions tell without a value, is measured and shown.
 */
const leaseAuthorityGrants = (inventory: Inventory): readonly VaultGrant[] =>
  accessOf(inventory).leaseAuthorities.flatMap(({ name, kind }): readonly VaultGrant[] => {
    const secret = secretName(inventory.environment, name);
    return [
      { function: leaseFunction(kind), secret, rights: ['GetSecretValue'] },
      { function: 'take-pulse', secret, rights: ['ListSecretVersionIds'] },
      { function: 'report', secret, rights: ['ListSecretVersionIds'] },
    ];
  });
