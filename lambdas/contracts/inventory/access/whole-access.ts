import type {
  AccessInventory,
  EgressRule,
  Issuer,
  Leasable,
  LeaseAuthority,
  PurposeBinding,
  Tier,
  TokenMatch,
} from '../../../core/access/access-inventory.ts';
import { ownEntry } from '../../../core/own-entry.ts';
import type { DraftCredential } from '../draft.ts';
import type {
  DraftAccess,
  DraftEgress,
  DraftIssuer,
  DraftLease,
  DraftLeaseAuthority,
} from './draft-access.ts';

/** What the file says that is proved of a role's sessions; nothing where it says nothing. */
const provedOf = ({
  sessionNamesProved,
  secondFactorProved,
}: Pick<DraftAccess['roles'][number], 'sessionNamesProved' | 'secondFactorProved'>) => ({
  ...(sessionNamesProved === undefined ? {} : { sessionNamesProved }),
  ...(secondFactorProved === undefined ? {} : { secondFactorProved }),
});

/** Everything of access without holes. Throws where a hole was reported by nobody: it would drop an entry without a word. */
export function wholeAccess(draft: DraftAccess, credentials: readonly DraftCredential[]): AccessInventory {
  return {
    issuers: draft.issuers.map((each) => sure(wholeIssuer(each), each.name)),
    workloadTokens: tokensByWorkload(draft),
    workloadOwners: Object.fromEntries(draft.workloadOwners.map(({ workload, owner }) => [workload, owner])),
    roles: draft.roles.map(({ name, owner, groups, principals, ...proved }) => ({
      name,
      ...(owner === undefined ? {} : { owner }),
      groups: sure(groups, name),
      principals: sure(principals, name),
      ...provedOf(proved),
    })),
    agents: draft.agents.map(({ name, owner, workload, actsFor }) => ({
      name,
      owner: sure(owner, name),
      workload: sure(workload, name),
      actsFor: sure(actsFor, name),
    })),
    purposes: Object.fromEntries(draft.purposes.map(({ name, meaning }) => [name, sure(meaning, name)])),
    purposeBindings: bindings(draft),
    tiers: tiersOf(draft, credentials),
    leaseAuthorities: draft.leaseAuthorities.map((each) => sure(wholeLeaseAuthority(each), each.name)),
    leasables: draft.leases.map((each) => sure(wholeLease(each), each.name)),
    blastRadius: { perPrincipal: sure(draft.blastRadiusPerPrincipal, 'blastRadius') },
  };
}

function sure<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`${name} was read with holes and without problems`);
  return value;
}

/** An authority has everything behind it, whether or not the file says so. */
const tiersOf = ({ tiers }: DraftAccess, credentials: readonly DraftCredential[]): Record<string, Tier> =>
  Object.fromEntries(
    credentials.map(
      ({ name, kind }) => [name, ownEntry(tiers, name) ?? (kind?.isAuthority ? 0 : 1)] as const,
    ),
  );

function tokensByWorkload({ tokens }: DraftAccess): Readonly<Record<string, readonly TokenMatch[]>> {
  const found = new Map<string, TokenMatch[]>();
  for (const { workload, issuer, claims } of tokens)
    found.set(workload, [...(found.get(workload) ?? []), { issuer, claims }]);
  return Object.fromEntries(found);
}

/** Purposes by whoever may state them: the other way round than the file has it. */
function bindings({ purposes }: DraftAccess): readonly PurposeBinding[] {
  const byPrincipal = new Map<string, string[]>();
  for (const { name, workloads, agents, roles } of purposes) {
    const principals = [
      ...workloads.map((each) => `workload:${each}`),
      ...agents.map((each) => `agent:${each}`),
      ...roles.map((each) => `role:${each}`),
    ];
    for (const principal of principals)
      byPrincipal.set(principal, [...(byPrincipal.get(principal) ?? []), name]);
  }
  return [...byPrincipal].map(([principal, stated]) => ({ principal, purposes: stated }));
}

function wholeIssuer({ read }: DraftIssuer): Issuer | undefined {
  const { name, issuer, audience, algorithms, clockSkewSeconds, longestTokenSeconds, use } = read;
  if (name === undefined || issuer === undefined || audience === undefined || use === undefined)
    return undefined;
  if (algorithms === undefined || clockSkewSeconds === undefined || longestTokenSeconds === undefined)
    return undefined;
  return { ...read, name, issuer, audience, use, algorithms, clockSkewSeconds, longestTokenSeconds };
}

/** The lease authority without holes, where there are none. */
export function wholeLeaseAuthority(draft: DraftLeaseAuthority): LeaseAuthority | undefined {
  const { name, kind, owner, adopters, supplyEverySeconds, limits } = draft;
  const target = kind?.authority?.target.safeParse(draft.target);
  if (!kind || !target?.success) return undefined;
  if (owner === undefined || adopters === undefined || supplyEverySeconds === undefined) return undefined;
  return {
    name,
    kind: kind.name,
    owner,
    adopters,
    supplyEverySeconds,
    ...(limits === undefined ? {} : { limits }),
    target: target.data,
  };
}

/** The lease without holes, where there are none. */
export function wholeLease(draft: DraftLease): Leasable | undefined {
  const { name, kind, owner, tier, authority, standsFor, limits, purposes } = draft;
  const target = kind?.target.safeParse(draft.target);
  if (!kind || !target?.success || (kind.authority && authority === undefined)) return undefined;
  const ttl = wholeTtl(draft.ttl);
  const egress = draft.egress.flatMap((rule) => wholeRule(rule) ?? []);
  if (owner === undefined || tier === undefined || limits === undefined || purposes === undefined)
    return undefined;
  if (!ttl || egress.length < draft.egress.length) return undefined;
  return {
    name,
    kind: kind.name,
    owner,
    tier,
    ...(authority === undefined ? {} : { authority }),
    ...(standsFor === undefined ? {} : { standsFor }),
    ttl,
    limits,
    purposes,
    egress,
    target: target.data,
  };
}

function wholeTtl({
  defaultSeconds,
  maximumSeconds,
  longestSeconds,
}: DraftLease['ttl']): Leasable['ttl'] | undefined {
  if (defaultSeconds === undefined || maximumSeconds === undefined || longestSeconds === undefined)
    return undefined;
  return { defaultSeconds, maximumSeconds, longestSeconds };
}

function wholeRule(rule: DraftEgress): EgressRule | undefined {
  const { host, port, network, ca, paths, methods, put } = rule;
  if (host === undefined || port === undefined || network === undefined) return undefined;
  if (paths === undefined || methods === undefined || put === undefined) return undefined;
  return { host, port, network, ...(ca === undefined ? {} : { ca }), paths, methods, put };
}
