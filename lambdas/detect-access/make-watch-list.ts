import { heartbeatSecret, roleArn, type FunctionName } from '../contracts/names.ts';
import { vaultGrants } from '../contracts/vault-rights.ts';
import { accessOf } from '../core/access/access-inventory.ts';
import { childrenOf, secretName, type Inventory } from '../core/credential.ts';
import type { Reader, WatchedSecret, WatchList } from '../core/watch/watch-list.ts';

/**
 * Who may read what: workloads and adopters as the inventory binds them, Lockstep's own functions by the
 * same table of rights that policies are made from. A right that is granted is a read that is expected.
 */
export function makeWatchList(inventory: Inventory, account: string): WatchList {
  const { environment, credentials } = inventory;
  const functions = functionsBySecret(inventory, account);
  const credentialSecrets = credentials.map((credential): WatchedSecret => {
    const secret = secretName(environment, credential.name);
    return {
      secret,
      credential,
      children: childrenOf(inventory, credential.name).map(({ name }) => name),
      readers: [
        ...workloadsOf(inventory, credential.boundTo),
        ...(functions.get(secret) ?? []),
        ...credential.adopters.map((principal): Reader => ({ as: 'adopter', name: principal, principal })),
      ],
    };
  });
  const beat = heartbeatSecret(environment);
  const heartbeat: WatchedSecret = { secret: beat, children: [], readers: functions.get(beat) ?? [] };
  const secrets = [...credentialSecrets, ...leaseAuthorities(inventory, functions), heartbeat];
  const everybody = inventory.workloads.map(({ name }) => name);
  return {
    account,
    secrets: new Map(secrets.map((each) => [each.secret, each])),
    known: [...workloadsOf(inventory, everybody), ...secrets.flatMap(({ readers }) => readers)],
  };
}

/** Read by the lease function of its kind, and by whoever supplies it. */
const leaseAuthorities = (
  inventory: Inventory,
  functions: ReadonlyMap<string, readonly Reader[]>,
): readonly WatchedSecret[] =>
  accessOf(inventory).leaseAuthorities.map(({ name, adopters }) => {
    const secret = secretName(inventory.environment, name);
    const supplied = adopters.map((principal): Reader => ({ as: 'adopter', name: principal, principal }));
    return {
      secret,
      leaseAuthority: name,
      children: [],
      readers: [...(functions.get(secret) ?? []), ...supplied],
    };
  });

const workloadsOf = ({ workloads }: Inventory, names: readonly string[]): readonly Reader[] =>
  workloads
    .filter(({ name }) => names.includes(name))
    .map(({ name, principal }) => ({ as: 'workload', name, principal }));

function functionsBySecret(inventory: Inventory, account: string): ReadonlyMap<string, readonly Reader[]> {
  const bySecret = new Map<string, Reader[]>();
  for (const { function: name, secret, rights } of vaultGrants(inventory)) {
    if (!rights.includes('GetSecretValue')) continue;
    const principal = roleArn(account, inventory.environment, name);
    bySecret.set(secret, [...(bySecret.get(secret) ?? []), { as: dutyOf(name), name, principal }]);
  }
  return bySecret;
}

/** Target functions need a reason for each read, and the pulse is what is waited for; others read as they work. */
function dutyOf(name: FunctionName): Reader['as'] {
  if (name.startsWith('target-')) return 'target-function';
  return name === 'take-pulse' ? 'pulse' : 'function';
}
