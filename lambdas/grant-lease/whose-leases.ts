import type { AccessAsks } from '../contracts/access-requests.ts';
import { accessOf, type Leasable } from '../core/access/access-inventory.ts';
import { actingForPartition, holderPartition, leasablePartition } from '../core/access/lease-pointers.ts';
import type { LeaseKnown } from '../core/access/lease-rows.ts';
import { LockstepError } from '../core/errors.ts';
import { assertDeclared, findNamed, type Named } from './find-leasable.ts';
import type { GrantPorts } from './grant-ports.ts';

/** Whose leases are meant. */
export type Whose = Pick<AccessAsks['revoke'], 'by' | 'name'>;

/** What an order to end the leases of somebody or something is about. */
export interface Meant {
  /** Everything of which leases may end by it: what a right has to be had on. */
  readonly concerned: readonly Leasable[];
  /** Of all leases in the partitions, those that were made at this target alone. */
  readonly target?: string;
  /** Partitions of the index that hold them, the most dangerous first. */
  readonly partitions: readonly string[];
}

/** What a refusal is measured by: the leasable, where one is named. */
export const aboutOf = (ports: GrantPorts, { by, name = '' }: Whose): Named =>
  findNamed(ports, by === 'leasable' ? name : '');

/**
 * What a right has to be had on to end leases of one thing: on that thing; where the inventory has lost it, or never had
 * it, on everything, as for all leases at once. No policy could speak of it by itself any more.
 */
export const thatOrAll = (ports: GrantPorts, { leasable, isDeclared }: Named): readonly Leasable[] =>
  isDeclared ? [leasable] : accessOf(ports.inventory).leasables;

/** What is meant. Nothing of it says yet whether there is such a thing. */
export async function meantBy(ports: GrantPorts, whose: Whose): Promise<Meant> {
  const { by, name = '' } = whose;
  const { leasables } = accessOf(ports.inventory);
  switch (by) {
    case 'leasable':
      return {
        concerned: thatOrAll(ports, aboutOf(ports, whose)),
        partitions: [leasablePartition(name)],
      };
    case 'agent':
      return { concerned: leasables, partitions: principalPartitions(`agent:${name}`).slice(0, 1) };
    case 'principal':
      return { concerned: leasables, partitions: principalPartitions(name) };
    case 'authority':
      return byAuthority(leasables, name, await everLeased(ports));
    case 'credential': {
      const standing = leasables.filter(({ standsFor }) => standsFor === name);
      return { concerned: standing.length > 0 ? standing : leasables, partitions: byTier(standing) };
    }
    default: {
      // By what was ever leased as well: the inventory may have lost something that still has leases.
      const known = (await everLeased(ports)).map(({ leasable, tier }) => ({ name: leasable, tier }));
      return { concerned: leasables, partitions: byTier([...known, ...leasables]) };
    }
  }
}

/** What an authority makes by the inventory, and what it made before the inventory said otherwise. */
function byAuthority(leasables: readonly Leasable[], name: string, known: readonly LeaseKnown[]): Meant {
  const made = known
    .filter(({ target }) => target === name)
    .map(({ leasable, tier }) => ({ name: leasable, tier }));
  const makes = leasables.filter(({ authority }) => authority === name);
  const partitions = byTier([...made, ...makes]);
  const concerned = leasables.filter((each) => partitions.includes(leasablePartition(each.name)));
  const isLost = concerned.length < partitions.length || concerned.length === 0;
  return { concerned: isLost ? leasables : concerned, target: name, partitions };
}

const everLeased = async ({ ledger }: GrantPorts): Promise<readonly LeaseKnown[]> =>
  (await ledger.list('lease-known', 'leasables')).map(({ body }) => body);

function byTier(all: readonly Pick<Leasable, 'name' | 'tier'>[]): readonly string[] {
  const tiers = new Map(all.map(({ name, tier }) => [name, tier] as const));
  return [...tiers].sort(([, a], [, b]) => a - b).map(([each]) => leasablePartition(each));
}

function principalPartitions(name: string): readonly string[] {
  if (/^(person|workload|agent):./.test(name) && name.length <= 512)
    return [holderPartition(name), actingForPartition(name)];
  throw new LockstepError(
    'MALFORMED_REQUEST',
    'a principal is person:<name>, workload:<name> or agent:<name>, as lockstep leases shows holders',
  );
}

/**
 * Refuses what there is not, and what never had a lease: a slip in a name must not look like an order that was carried
 * out. Only whoever may revoke everything comes so far with such a name. People are not declared: of them nobody can say it.
 */
export async function assertThere(ports: GrantPorts, whose: Whose, meant: Meant): Promise<void> {
  const { by, name = '' } = whose;
  const { agents, leaseAuthorities } = accessOf(ports.inventory);
  const isOf = (each: { readonly name: string }): boolean => each.name === name;
  switch (by) {
    case 'leasable': {
      const named = aboutOf(ports, whose);
      if (named.isDeclared || (await everLeased(ports)).some(({ leasable }) => leasable === name)) return;
      return assertDeclared(named);
    }
    case 'credential':
      if (meant.partitions.length > 0) return;
      throw nothing(`nothing that can be leased stands for a credential called ${shown(name)}`, {
        otherwise: leaseAuthorities.some(isOf)
          ? `it is a lease authority: revoke-leases authority ${name}`
          : '',
      });
    case 'authority':
      if (meant.partitions.length > 0 || leaseAuthorities.some(isOf)) return;
      throw nothing(`there is no lease authority called ${shown(name)}, and none of that name made a lease`);
    case 'agent':
    case 'principal': {
      const [, is, called] = /^(workload|agent):(.+)$/s.exec(by === 'agent' ? `agent:${name}` : name) ?? [];
      const declared = is === 'agent' ? agents : is === 'workload' ? ports.inventory.workloads : undefined;
      if (called === undefined || !declared || declared.some((each) => each.name === called)) return;
      if (await isAnyOpen(ports, meant)) return;
      throw nothing(
        `the inventory declares no ${is} called ${shown(called)}, and none of that name has a lease`,
      );
    }
    default:
      return;
  }
}

async function isAnyOpen({ ledger }: GrantPorts, { partitions }: Meant): Promise<boolean> {
  const pages = await Promise.all(
    partitions.map((partition) => ledger.page('lease-index', partition, { limit: 1 })),
  );
  return pages.some((page) => page.length > 0);
}

const shown = (name: string): string => name.slice(0, 64);

const nothing = (what: string, { otherwise = '' } = {}): LockstepError =>
  new LockstepError('UNKNOWN_LEASABLE', otherwise === '' ? what : `${what}; ${otherwise}`);
