import { heartbeatSecret } from '../contracts/names.ts';
import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { secretName, type Credential } from '../core/credential.ts';
import { isLockstepError } from '../core/errors.ts';
import type { SecretDescription } from '../core/ports/vault.ts';
import { isOver } from '../core/rotation/rotation.ts';
import { reportDrift } from '../reconcile/report-drift.ts';
import type { ReportPorts } from './report-ports.ts';
import { authorityStatus, type AuthorityStatus } from './show-authorities.ts';

/** One declared credential beside what the vault holds of it. */
export interface InventoryLine {
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly secret: string;
  readonly inVault: boolean;
  readonly hasValue: boolean;
  readonly adopted: boolean;
  readonly drift: readonly string[];
}

/** One thing that can be leased, as it is declared. */
export type LeasableLine = Pick<Leasable, 'name' | 'kind' | 'owner' | 'tier' | 'authority' | 'standsFor'>;

/** The inventory beside the vault. */
export interface InventoryReport {
  readonly environment: string;
  readonly digest: string;
  readonly credentials: readonly InventoryLine[];
  /** What leases are made by, which people supply. Absent where there are none. */
  readonly leaseAuthorities?: readonly AuthorityStatus[];
  /** What can be leased. Absent where nothing can. */
  readonly leasables?: readonly LeasableLine[];
  /** Secrets below our prefix that nothing declares. */
  readonly undeclared: readonly string[];
}

/** Compares what is declared with what the vault holds, both ways. */
export async function compareInventory(ports: ReportPorts): Promise<InventoryReport> {
  const { inventory, catalog } = ports;
  const { environment, digest } = inventory;
  const { leaseAuthorities, leasables } = accessOf(inventory);
  const names = await catalog.list(`lockstep/${environment}/`);
  const declared = new Set(
    [...inventory.credentials, ...leaseAuthorities].map(({ name }) => secretName(environment, name)),
  );
  return {
    environment,
    digest,
    credentials: await Promise.all(inventory.credentials.map((credential) => lineOf(ports, credential))),
    ...(leaseAuthorities.length > 0
      ? { leaseAuthorities: await Promise.all(leaseAuthorities.map((each) => authorityStatus(ports, each))) }
      : {}),
    ...(leasables.length > 0 ? { leasables: leasables.map(leasableLine) } : {}),
    undeclared: names.filter((name) => !declared.has(name) && name !== heartbeatSecret(environment)),
  };
}

const leasableLine = ({ name, kind, owner, tier, authority, standsFor }: Leasable): LeasableLine => ({
  name,
  kind,
  owner,
  tier,
  ...(authority === undefined ? {} : { authority }),
  ...(standsFor === undefined ? {} : { standsFor }),
});

async function lineOf(ports: ReportPorts, credential: Credential): Promise<InventoryLine> {
  const { name, kind, owner } = credential;
  const secret = secretName(ports.inventory.environment, name);
  const described = await describeIfThere(ports, secret);
  const state = (await ports.ledger.read('credential', name, 'state'))?.body;
  const active =
    state?.active === undefined ? undefined : (await ports.ledger.read('rotation', name, state.active))?.body;
  const drift = described
    ? reportDrift({ credential, secret: described, state, active }).map(({ what }) => what)
    : [];
  return {
    name,
    kind,
    owner,
    secret,
    inVault: described !== undefined,
    hasValue:
      described !== undefined &&
      Object.values(described.versions).some((labels) => labels.includes('AWSCURRENT')),
    adopted: state?.adoptedAt !== undefined,
    drift: [
      ...drift,
      ...(described ? strangersPending(described, active && !isOver(active) ? active.token : undefined) : []),
    ],
  };
}

async function describeIfThere(
  { vault }: ReportPorts,
  secret: string,
): Promise<SecretDescription | undefined> {
  try {
    return await vault.describe(secret);
  } catch (error) {
    if (isLockstepError(error, 'UNKNOWN_CREDENTIAL')) return undefined;
    throw error;
  }
}

function strangersPending({ versions }: SecretDescription, active: string | undefined): readonly string[] {
  return Object.entries(versions)
    .filter(
      ([version, labels]) =>
        labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT') && version !== active,
    )
    .map(
      ([version]) =>
        `version ${version} is pending and belongs to no rotation under way: it blocks the next one`,
    );
}
