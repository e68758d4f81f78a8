import {
  heartbeatSecret,
  roleArn,
  targetFunction,
  tellFunction,
  type FunctionName,
} from '../contracts/names.ts';
import { TOLD_KINDS } from '../contracts/routes.ts';
import { childrenOf, secretName, type Credential, type Inventory } from '../core/credential.ts';
import type { Reader, WatchedSecret, WatchList } from '../core/watch/watch-list.ts';

/** Who may read what, as the inventory binds it and as Lockstep's own functions need it. */
export function makeWatchList(inventory: Inventory, account: string): WatchList {
  const { environment, credentials } = inventory;
  const role = (as: Reader['as'], name: FunctionName): Reader => ({
    as,
    name,
    principal: roleArn(account, environment, name),
  });
  const credentialSecrets = credentials.map((credential): WatchedSecret => ({
    secret: secretName(environment, credential.name),
    credential,
    children: childrenOf(inventory, credential.name).map(({ name }) => name),
    readers: [
      ...workloadsOf(inventory, credential.boundTo),
      role('target-function', targetFunction(credential.family)),
      ...signersOf(inventory, credential).map((name) => role('propagator', name)),
      ...credential.adopters.map((principal): Reader => ({ as: 'adopter', name: principal, principal })),
    ],
  }));
  const heartbeat: WatchedSecret = {
    secret: heartbeatSecret(environment),
    children: [],
    readers: [role('pulse', 'take-pulse')],
  };
  const secrets = [...credentialSecrets, heartbeat];
  return {
    account,
    secrets: new Map(secrets.map((each) => [each.secret, each])),
    known: [
      ...workloadsOf(
        inventory,
        inventory.workloads.map(({ name }) => name),
      ),
      ...secrets.flatMap(({ readers }) => readers),
    ],
  };
}

const workloadsOf = ({ workloads }: Inventory, names: readonly string[]): readonly Reader[] =>
  workloads
    .filter(({ name }) => names.includes(name))
    .map(({ name, principal }) => ({ as: 'workload', name, principal }));

/** The functions that sign what they tell with this credential. */
const signersOf = ({ credentials }: Inventory, { name }: Credential): readonly FunctionName[] =>
  TOLD_KINDS.filter((kind) =>
    credentials.some(({ dependents }) =>
      dependents.some((dependent) => dependent.kind === kind && dependent.settings['signingKey'] === name),
    ),
  ).map((kind) => tellFunction(kind));
