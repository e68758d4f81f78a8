import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteAuditStore } from '../embedded/audit/sqlite-audit-store.ts';
import { SqliteLedger } from '../embedded/ledger/sqlite-ledger.ts';
import { SqliteTimer } from '../embedded/timer/sqlite-timer.ts';
import { EmbeddedVault } from '../embedded/vault/open-vault.ts';
import { appendAudit } from '../lambdas/append-audit/append-audit.ts';
import { openPolicyEngine } from '../lambdas/cedar/cedar-engine.ts';
import { policyFilesIn, readPolicies, SCHEMA_FILE } from '../lambdas/cedar/read-policies.ts';
import { NO_ACCESS, type Leasable, type LeaseAuthority } from '../lambdas/core/access/access-inventory.ts';
import type { Caller } from '../lambdas/core/access/caller.ts';
import { secretName, type Inventory } from '../lambdas/core/credential.ts';
import type { LeaseCommand } from '../lambdas/core/ports/lease-functions.ts';
import type { Leaser } from '../lambdas/core/ports/leaser.ts';
import type { PolicyEngine } from '../lambdas/core/ports/policy-engine.ts';
import type { RandomBytes } from '../lambdas/core/ports/ids.ts';
import type { Secret } from '../lambdas/core/secret.ts';
import { grantLease } from '../lambdas/grant-lease/grant-lease.ts';
import { serveLease } from '../lambdas/serve-lease/serve-lease.ts';

/** What the broker leases, and by what. */
export interface LeaseBrokerOptions {
  /** Its stores are made here. */
  readonly folder: string;
  readonly mark: string;
  readonly leasable: Leasable;
  readonly authority: { readonly declared: LeaseAuthority; readonly value: Secret };
  readonly leaser: Leaser;
  readonly randomBytes: RandomBytes;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A broker with everything that it does for a lease: policy, limits, ledger, timer and audit, all on disk. */
export interface LeaseBroker {
  readonly lease: () => Promise<void>;
  readonly close: () => void;
}

const ENVIRONMENT = 'bench';
const POLICIES = new URL('../policies/', import.meta.url).pathname;
const clock = (): Date => new Date();
const silent = { count: () => undefined, gauge: () => undefined, observe: () => undefined };

const CALLER: Caller = {
  is: 'workload',
  name: 'bench',
  proof: 'embedded',
  principal: 'embedded:bench',
  claims: {},
};

/** The broker of the embedded world, with the policies that come with Lockstep, over stores of its own. */
export async function openLeaseBroker(options: LeaseBrokerOptions): Promise<LeaseBroker> {
  const { folder, mark, leasable, leaser, randomBytes, sleep } = options;
  const inventory = inventoryOf(options);
  const ledger = new SqliteLedger({ path: join(folder, 'ledger.sqlite'), clock });
  const chains = new SqliteAuditStore(join(folder, 'audit.sqlite'));
  const timer = new SqliteTimer({
    path: join(folder, 'timer.sqlite'),
    clock,
    sleep,
    publish: async () => undefined,
    onError: () => undefined,
  });
  const serve = serveLease({
    inventory,
    mark,
    kind: leasable.kind,
    leaser,
    vault: await vaultWith(options),
    metrics: silent,
    clock,
    functionName: 'lease-postgres',
  });
  const grant = grantLease({
    inventory,
    mark,
    ledger,
    timer,
    audit: appendAudit(chains, () => sleep(1)),
    policy: engineOf(inventory),
    leases: { call: async (_kind, command) => serve(command as unknown as LeaseCommand) },
    metrics: silent,
    clock,
    newId: randomUUID,
    randomBytes,
    sleep,
    capabilitiesOf: () => leaser.capabilities,
    functionName: 'grant-lease',
  });
  return {
    lease: async () => {
      const answer = await grant(CALLER, {
        ask: 'lease',
        leasable: leasable.name,
        requestId: randomUUID(),
      });
      if (answer.status !== 'issued') throw new Error(`not issued: ${answer.status}`);
    },
    close: () => {
      ledger.close();
      chains.close();
      timer.close();
    },
  };
}

const inventoryOf = ({ leasable, authority }: LeaseBrokerOptions): Inventory => ({
  environment: ENVIRONMENT,
  digest: 'bench',
  workloads: [{ name: CALLER.name, principal: CALLER.principal }],
  freezes: [],
  credentials: [],
  access: {
    ...NO_ACCESS,
    workloadOwners: { [CALLER.name]: leasable.owner },
    purposes: Object.fromEntries(leasable.purposes.map((purpose) => [purpose, 'what is measured'])),
    purposeBindings: [{ principal: `workload:${CALLER.name}`, purposes: leasable.purposes }],
    leaseAuthorities: [authority.declared],
    leasables: [leasable],
  },
});

function engineOf(inventory: Inventory): PolicyEngine {
  const schema = readFileSync(`${POLICIES}${SCHEMA_FILE}`, 'utf8');
  const { bundle } = readPolicies(policyFilesIn(POLICIES, 'policies'), schema);
  if (!bundle) throw new Error('the policies that come with Lockstep cannot be read');
  return openPolicyEngine({ bundle, inventory });
}

async function vaultWith({ folder, authority, randomBytes }: LeaseBrokerOptions) {
  const vault = new EmbeddedVault({
    path: join(folder, 'stores', 'vault.sqlite'),
    keyPath: join(folder, 'keys', 'vault.key'),
    account: '000000000000',
    region: 'local',
    clock,
    newId: randomUUID,
    randomBytes,
    authorise: () => true,
    defaultBus: async () => undefined,
    startRotation: async () => undefined,
  });
  const secretId = secretName(ENVIRONMENT, authority.declared.name);
  vault.createSecret(secretId);
  const rights = vault.vaultFor('lease-postgres');
  await rights.putFirst(secretId, randomUUID(), authority.value);
  return rights;
}
