import { roleArn, type FunctionName } from '../../lambdas/contracts/names.ts';
import { vaultGrants } from '../../lambdas/contracts/vault-rights.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import { LOCAL_ACCOUNT } from '../pipeline/wire-pipeline.ts';
import type { Authorise } from '../vault/principal-vault.ts';

/** The person at this machine: may put first values, as an adopter may on AWS, and read nothing. */
export const LOCAL_OPERATOR = 'embedded:operator';

/** A function's principal in the embedded world. */
export const localRole = (environment: string, name: FunctionName): string =>
  roleArn(LOCAL_ACCOUNT, environment, name);

/**
 * Who may call what: bound workloads read, Lockstep's functions do what the one table of rights says, the
 * operator puts. Everybody else is refused, and seen.
 */
export function authoriseFor(inventory: Inventory): Authorise {
  const allowed = new Set<string>();
  const allow = (principal: string, secret: string, call: string): unknown =>
    allowed.add(`${principal}\n${secret}\n${call}`);
  for (const { function: name, secret, rights } of vaultGrants(inventory)) {
    for (const right of rights) allow(localRole(inventory.environment, name), secret, right);
  }
  for (const { name, boundTo } of inventory.credentials) {
    const secret = secretName(inventory.environment, name);
    allow(LOCAL_OPERATOR, secret, 'PutSecretValue');
    for (const workload of inventory.workloads.filter(({ name: each }) => boundTo.includes(each))) {
      allow(workload.principal, secret, 'GetSecretValue');
    }
  }
  for (const { name } of accessOf(inventory).leaseAuthorities) {
    // A person supplies it, proves it through its lease function, and only then makes it current. Nobody else changes it.
    const secret = secretName(inventory.environment, name);
    for (const call of ['DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage'] as const)
      allow(LOCAL_OPERATOR, secret, call);
  }
  return ({ principal, call, secret }) => allowed.has(`${principal}\n${secret}\n${call}`);
}
