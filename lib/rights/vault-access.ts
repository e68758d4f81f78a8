import { vaultGrants, type VaultRight } from '../../lambdas/contracts/vault-rights.ts';
import type { FunctionName } from '../../lambdas/contracts/names.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import { arnAt, functionArn, type Site } from '../site.ts';
import type { Right } from './right.ts';

/**
 * A secret's ARN without knowing the six characters that Secrets Manager appends: six question marks fit no other
 * name (https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html).
 */
export const secretArn = (site: Site, name: string): string =>
  arnAt(site, 'secretsmanager', `secret:${name}-??????`);

const BECAUSE_OF_SUFFIX =
  'Secrets Manager appends six characters to the name of a secret; the pattern fits this one secret alone';
const BECAUSE_OF_NUMBER =
  'a role has no room for the names of so many secrets; the policy of each secret names who may do what, and denies everybody else';
const BECAUSE_OF_CONDITION =
  'moving labels is limited to secrets that name this very function as their rotation function, which is the tighter bound';

/** A role takes 10,240 characters. So many names leave room for the rest, also in the role that has most of it. */
const NAMED_AT_MOST = 40;

/**
 * What a function may do with secrets, from the table in `contracts`; the resource policy of each secret says the
 * same and refuses everybody else. Only a secret that was adopted names its rotation function, so labels cannot be
 * moved before; reading and putting cannot wait for that, since adoption itself needs them.
 */
export function vaultAccess(site: Site, name: FunctionName): readonly Right[] {
  const grants = vaultGrants(site.inventory).filter((grant) => grant.function === name);
  const byRights = new Map<string, { readonly rights: readonly VaultRight[]; readonly secrets: string[] }>();
  for (const { rights, secret } of grants) {
    const plain = rights.filter((each) => each !== 'UpdateSecretVersionStage');
    const entry = byRights.get(plain.join()) ?? { rights: plain, secrets: [] };
    byRights.set(plain.join(), { ...entry, secrets: [...entry.secrets, secret] });
  }
  const plainRights = [...byRights.values()].map(({ rights, secrets }) => ({
    actions: rights.map((each) => `secretsmanager:${each}`),
    ...secretsAs(site, secrets),
  }));
  const movesLabels = grants.some(({ rights }) => rights.includes('UpdateSecretVersionStage'));
  return movesLabels ? [...plainRights, labelRight(site, name)] : plainRights;
}

const allSecrets = (site: Site): string =>
  arnAt(site, 'secretsmanager', `secret:${secretName(site.inventory.environment, '*')}`);

const secretsAs = (site: Site, secrets: readonly string[]): Pick<Right, 'resources' | 'because'> =>
  secrets.length > NAMED_AT_MOST
    ? { resources: [allSecrets(site)], because: BECAUSE_OF_NUMBER }
    : { resources: secrets.map((secret) => secretArn(site, secret)), because: BECAUSE_OF_SUFFIX };

const labelRight = (site: Site, name: FunctionName): Right => ({
  actions: ['secretsmanager:UpdateSecretVersionStage'],
  resources: [allSecrets(site)],
  conditions: {
    StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': functionArn(site, name) },
  },
  because: BECAUSE_OF_CONDITION,
});
