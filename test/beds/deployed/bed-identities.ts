/** Whoever signs tokens: an identity provider of people, and a CI system. */
export const ISSUERS = ['people', 'builds'] as const;
export type IssuerName = (typeof ISSUERS)[number];

/** What their tokens are for. Those of people that agents show have another audience, and no way to ask by them. */
export const AUDIENCES = {
  people: 'lockstep-beds',
  builds: 'lockstep-beds',
  'people-for-agents': 'lockstep-agents-beds',
} as const;

/** People, by what their tokens call them, and the groups that the identity provider says they are in. */
export const PEOPLE = {
  /** Of the team that owns the database. */
  ada: ['database-team'],
  /** On call, both of them. */
  ben: ['on-call'],
  cleo: ['on-call'],
  /** Of another team. */
  dora: ['agents-team'],
  /** Of no group that the inventory knows. */
  nobody: ['cooks'],
} as const;
export type PersonName = keyof typeof PEOPLE;

/** Who a build is, by the claims of its token. */
export const BUILD = 'repo:acme/reports:ref:refs/heads/main';

/** A group at the identity provider, by either kind of its tokens. */
const group = (name: string) => [
  { issuer: 'people', group: name },
  { issuer: 'people-for-agents', group: name },
];

/** Where issuers are, and who is on call by a role of AWS. */
interface IdentityPlaces {
  readonly environment: string;
  readonly issuer: (name: IssuerName) => string;
  readonly administrators: readonly string[];
}

/** Who signs tokens for the workspace, and what people are by them. */
export function identities({ environment, issuer, administrators }: IdentityPlaces) {
  const at = <T>(value: T) => ({ [environment]: value });
  const signer = (name: IssuerName, audience: keyof typeof AUDIENCES) => ({
    issuer: at(issuer(name)),
    audience: at(AUDIENCES[audience]),
    algorithms: ['ES256' as const],
  });
  return {
    issuers: {
      people: signer('people', 'people'),
      'people-for-agents': { ...signer('people', 'people-for-agents'), use: 'acting-for' as const },
      builds: signer('builds', 'builds'),
    },
    roles: {
      'on-call': { owner: 'data-platform', groups: group('on-call'), principals: at(administrators) },
      'database-team': { owner: 'data-platform', groups: group('database-team') },
      'agents-team': { owner: 'agents-team', groups: group('agents-team') },
    },
  };
}
