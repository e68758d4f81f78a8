import {
  anyRecord,
  either,
  exactly,
  flag,
  listOf,
  mapOf,
  number,
  oneOf,
  optional,
  record,
  text,
  textUpTo,
  type Check,
} from '../../contracts/check.ts';
import type {
  AccessInventory,
  Agent,
  EgressRule,
  Issuer,
  Leasable,
  LeaseAuthority,
  PurposeBinding,
  Role,
  Tier,
  TokenMatch,
} from '../../core/access/access-inventory.ts';

const tier: Check<Tier> = either(exactly(0), either(exactly(1), exactly(2)));

const issuer = record<Issuer>({
  name: text,
  issuer: text,
  audience: text,
  jwksUrl: optional(text),
  algorithms: listOf(text),
  clockSkewSeconds: number,
  longestTokenSeconds: number,
  use: oneOf('caller', 'acting-for'),
  claims: optional(
    record<NonNullable<Issuer['claims']>>({
      groups: optional(text),
      purposes: optional(text),
      leases: optional(text),
      subject: optional(text),
    }),
  ),
  people: optional(text),
});

const role = record<Role>({
  name: text,
  owner: optional(text),
  groups: listOf(record<Role['groups'][number]>({ issuer: text, group: text })),
  principals: listOf(text),
  sessionNamesProved: optional(flag),
  secondFactorProved: optional(flag),
});

const agent = record<Agent>({
  name: text,
  owner: text,
  workload: text,
  actsFor: oneOf('person', 'itself'),
});

type Put<Into extends EgressRule['put']['into']> = Extract<EgressRule['put'], { readonly into: Into }>;

/** No prefix is a text as well. */
const prefix: Check<string> = either(exactly(''), text);

const put: Check<EgressRule['put']> = either(
  either(
    record<Put<'header'>>({ into: exactly('header'), name: text, prefix, field: text }),
    record<Put<'query'>>({ into: exactly('query'), name: text, field: text }),
  ),
  either(
    record<Put<'basic'>>({ into: exactly('basic'), user: text, field: text }),
    record<Put<'sigv4'>>({ into: exactly('sigv4'), service: text, region: text }),
  ),
);

const egress = record<EgressRule>({
  host: text,
  port: number,
  network: oneOf('public', 'private', 'loopback'),
  ca: optional(textUpTo(32_768)),
  paths: listOf(text),
  methods: listOf(text),
  put,
});

const leaseAuthority = record<LeaseAuthority>({
  name: text,
  kind: text,
  owner: text,
  adopters: listOf(text),
  supplyEverySeconds: number,
  limits: optional(
    record<NonNullable<LeaseAuthority['limits']>>({
      total: number,
      perMinute: number,
    }),
  ),
  // What a kind needs was checked by that kind's schema at synthesis.
  target: anyRecord,
});

const leasable = record<Leasable>({
  name: text,
  kind: text,
  owner: text,
  tier,
  authority: optional(text),
  standsFor: optional(text),
  ttl: record<Leasable['ttl']>({ defaultSeconds: number, maximumSeconds: number, longestSeconds: number }),
  limits: record<Leasable['limits']>({ perPrincipal: number, total: number, perMinute: number }),
  purposes: listOf(text),
  egress: listOf(egress),
  target: anyRecord,
});

/** Everything of access, whole and of this version. */
export const accessShape = record<AccessInventory>({
  issuers: listOf(issuer),
  workloadTokens: mapOf(listOf(record<TokenMatch>({ issuer: text, claims: mapOf(text) }))),
  workloadOwners: mapOf(text),
  roles: listOf(role),
  agents: listOf(agent),
  purposes: mapOf(text),
  purposeBindings: listOf(record<PurposeBinding>({ principal: text, purposes: listOf(text) })),
  tiers: mapOf(tier),
  leaseAuthorities: listOf(leaseAuthority),
  leasables: listOf(leasable),
  blastRadius: record<AccessInventory['blastRadius']>({ perPrincipal: number }),
});
