import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareDeclarations } from '../../../../lambdas/contracts/inventory/compare/compare-declarations.ts';
import { LEFT_OUT } from '../../../../lambdas/contracts/inventory/compare/declared-entries.ts';
import { resolveInventory } from '../../../../lambdas/contracts/inventory/index.ts';
import { accessOf } from '../../../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../../../lambdas/core/credential.ts';
import { aBucket, accessWith } from '../access/an-access-workspace.ts';

const resolved = (changes: Readonly<Record<string, unknown>> = {}, environment = 'staging'): Inventory => {
  const { inventory, problems } = resolveInventory(accessWith(changes), environment);
  if (inventory) return inventory;
  throw new Error(JSON.stringify(problems));
};
const compare = (before: Inventory, after: Inventory) => compareDeclarations([before], [after]);

/** One of everything that can be declared. */
const everything = (): Inventory =>
  resolved({
    'leases.bucket': aBucket(),
    'issuers.people.claims': { groups: 'teams', purposes: 'p', leases: 'l', subject: 'oid' },
    'issuers.people.people': 'staff',
    'issuers.sessions.people': 'staff',
    'roles.on-call.secondFactorProved': true,
    'environments.staging.freezes': [
      { from: '2026-12-21T00:00:00Z', until: '2027-01-04T00:00:00Z', reason: 'nobody is there' },
    ],
  });

type Node = Record<string | number, unknown>;
type Way = readonly (string | number)[];
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const stepsOf = (node: Node): Way =>
  Array.isArray(node) ? node.map((_, position) => position) : Object.keys(node);

/** The way to each value that has no fields of its own. */
const leavesOf = (node: unknown, way: Way = []): readonly Way[] =>
  isNode(node) ? stepsOf(node).flatMap((step) => leavesOf(node[step], [...way, step])) : [way];
/** The way to each thing that has fields. */
const thingsOf = (node: unknown, way: Way = []): readonly Way[] => {
  if (!isNode(node)) return [];
  const below = stepsOf(node).flatMap((step) => thingsOf(node[step], [...way, step]));
  return Array.isArray(node) ? below : [way, ...below];
};

function changed(
  inventory: Inventory,
  way: Way,
  change: (parent: Node, step: string | number) => void,
): Inventory {
  const copy = structuredClone(inventory) as unknown as Node;
  const parent = way.slice(0, -1).reduce<Node>((node, step) => node[step] as Node, copy);
  change(parent, way.at(-1) ?? '');
  return copy as unknown as Inventory;
}

const other = (value: unknown): unknown => {
  if (typeof value === 'boolean') return !value;
  return typeof value === 'number' ? value + 1 : `${String(value)}-other`;
};

/** A way without the positions in lists. */
const generic = (way: Way): string => way.filter((step) => typeof step === 'string').join('.');
const isLeftOut = (way: string): boolean =>
  [
    ...Object.keys(LEFT_OUT.inventory),
    ...Object.keys(LEFT_OUT.credential).map((field) => `credentials.${field}`),
  ].some((left) => way === left || way.startsWith(`${left}.`));

describe('a comparison of declarations', () => {
  it('shows a change of every single value but those that are left out', () => {
    const before = everything();
    const silent = leavesOf(before).filter(
      (way) =>
        compare(
          before,
          changed(before, way, (parent, step) => void (parent[step] = other(parent[step]))),
        ).length === 0,
    );
    const unseen = [...new Set(silent.map(generic))];
    expect(unseen.filter((way) => !isLeftOut(way))).toEqual([]);
    expect(unseen.toSorted()).toEqual([
      'credentials.retire.deadlineSeconds',
      'credentials.retire.drainSeconds',
      'credentials.retire.onDeadline',
      'credentials.retire.soakSeconds',
      'credentials.rotateEverySeconds',
      'digest',
      'freezes.from',
      'freezes.reason',
      'freezes.until',
    ]);
  });

  it('shows that a value is no longer declared, wherever it stood', () => {
    const before = everything();
    // Without its name there is no entry.
    const ways = leavesOf(before).filter((way) => generic(way) !== 'access.purposeBindings.principal');
    const silent = ways.filter(
      (way) =>
        compare(
          before,
          changed(before, way, (parent, step) =>
            Array.isArray(parent) ? void parent.splice(Number(step), 1) : void delete parent[step],
          ),
        ).length === 0,
    );
    expect([...new Set(silent.map(generic))].filter((way) => !isLeftOut(way) && way !== 'digest')).toEqual(
      [],
    );
  });

  it('shows a field that nobody knew when this was written', () => {
    const before = everything();
    const silent = thingsOf(before)
      // Of these two a new field does not compile before `declared-entries.ts` says where it belongs.
      .filter((way) => !['', 'access'].includes(generic(way)) && !isLeftOut(generic(way)))
      .filter(
        (way) =>
          compare(
            before,
            changed(before, [...way, 'brandNew'], (thing, step) => void (thing[step] = 'x')),
          ).length === 0,
      );
    expect(silent).toEqual([]);
  });
});

describe('what is left out', () => {
  it('is said in docs/policies.md', () => {
    const page = readFileSync(new URL('../../../../docs/policies.md', import.meta.url), 'utf8');
    for (const field of [...Object.keys(LEFT_OUT.inventory), ...Object.keys(LEFT_OUT.credential)])
      expect(page).toContain(`\`${field.replace('Seconds', '')}\``);
  });

  it('shows nothing, and nothing is shown where nothing changes', () => {
    expect(compare(everything(), everything())).toEqual([]);
    expect(compare(everything(), { ...everything(), digest: 'other', cadence: 'fast', freezes: [] })).toEqual(
      [],
    );
  });
});

/** Edits of the file, each with where it is told. */
const EDITS: readonly (readonly [
  what: string,
  changes: Readonly<Record<string, unknown>>,
  told: { readonly part: string; readonly entry: string; readonly field: string },
])[] = [
  [
    'who has a role',
    {
      'roles.on-call.principals.staging': [
        'arn:aws:iam::111111111111:role/on-call',
        'arn:aws:iam::111111111111:role/everybody',
      ],
    },
    { part: 'who-is-who', entry: 'roles.on-call', field: 'principals' },
  ],
  [
    'who a workload is',
    { 'workloads.api.role.staging': 'arn:aws:iam::111111111111:role/other' },
    { part: 'who-is-who', entry: 'workloads.api', field: 'principal' },
  ],
  [
    'by which claims a workload is known',
    { 'workloads.ci.tokens.staging': [{ issuer: 'ci', claims: { sub: 'repo:example/app:ref:main' } }] },
    { part: 'who-is-who', entry: 'workloads.ci', field: 'tokens[0].claims.sub' },
  ],
  [
    'whom an agent acts for',
    { 'agents.bot.actsFor': 'itself' },
    { part: 'who-is-who', entry: 'agents.bot', field: 'actsFor' },
  ],
  [
    'who signs tokens',
    { 'issuers.ci.jwksUrl': 'https://ci.example.com/other-keys' },
    { part: 'who-is-who', entry: 'issuers.ci', field: 'jwksUrl' },
  ],
  [
    'what somebody may state',
    { 'purposes.answer.roles': ['engineers', 'on-call'] },
    { part: 'who-is-who', entry: 'roles.on-call', field: 'purposes' },
  ],
  [
    'where a lease may be used',
    { 'leases.model-session.egress.0.host': 'evil.example.com' },
    { part: 'what-a-lease-gives', entry: 'leases.model-session', field: 'egress[0].host' },
  ],
  [
    'who supplies what makes leases',
    { 'leaseAuthorities.model-leases.adopters.staging': ['arn:aws:iam::111111111111:role/intern'] },
    { part: 'what-a-lease-gives', entry: 'leaseAuthorities.model-leases', field: 'adopters' },
  ],
  [
    'how much one may have',
    { 'blastRadius.perPrincipal': 500 },
    { part: 'what-a-check-allows', entry: 'blastRadius', field: 'perPrincipal' },
  ],
];

describe('what is declared otherwise', () => {
  const change = (changes: Readonly<Record<string, unknown>>) => compare(resolved(), resolved(changes));

  it.each(EDITS)('is told where it stands: %s', (_, changes, told) => {
    expect(change(changes)).toMatchObject([{ environments: ['staging'], ...told }]);
  });

  it('is told with what was and what is', () => {
    expect(change({ 'agents.bot.actsFor': 'itself' })).toEqual([
      {
        environments: ['staging'],
        part: 'who-is-who',
        entry: 'agents.bot',
        field: 'actsFor',
        before: 'person',
        after: 'itself',
      },
    ]);
    expect(change({ 'roles.on-call.secondFactorProved': true })).toEqual([
      expect.objectContaining({ field: 'secondFactorProved', after: true }),
    ]);
    expect(change({ 'roles.on-call.secondFactorProved': true })[0]).not.toHaveProperty('before');
  });
});

describe('entries and items', () => {
  it('are told as a whole where they are new or gone', () => {
    const [added, ...others] = compare(resolved(), resolved({ 'leases.bucket': aBucket() }));
    expect(added).toMatchObject({ entry: 'leases.bucket', field: '', after: { kind: 'aws-session' } });
    expect(added).not.toHaveProperty('before');
    expect(others).toEqual([]);
    const [removed] = compare(resolved({ 'leases.bucket': aBucket() }), resolved());
    expect(removed).toMatchObject({ entry: 'leases.bucket', field: '', before: { kind: 'aws-session' } });
    expect(removed).not.toHaveProperty('after');
  });

  it('are told of an environment that is in one version alone', () => {
    const changes = compareDeclarations([resolved()], [resolved(), resolved({}, 'production')]);
    expect(changes.map(({ entry }) => entry)).toContain('roles.on-call');
    expect(
      changes.every(
        ({ environments, before }) => environments.join() === 'production' && before === undefined,
      ),
    ).toBe(true);
  });

  it('that both lists have stay out, wherever they stand', () => {
    const rule = (host: string) => ({
      host,
      paths: ['/'],
      put: { into: 'header', name: 'authorization', prefix: 'Bearer ', field: 'apiKey' },
    });
    const withRules = (...hosts: readonly string[]) =>
      resolved({ 'leases.model-session.egress': hosts.map(rule) });
    const before = withRules('a.example.com', 'b.example.com');
    expect(compare(before, withRules('new.example.com', 'a.example.com', 'b.example.com'))).toMatchObject([
      { field: 'egress[0]', after: { host: 'new.example.com' } },
    ]);
    expect(compare(before, withRules('b.example.com'))).toMatchObject([
      { field: 'egress[0]', before: { host: 'a.example.com' } },
    ]);
    expect(compare(before, withRules('a.example.com', 'c.example.com'))).toMatchObject([
      { field: 'egress[1].host', before: 'b.example.com', after: 'c.example.com' },
    ]);
    // In another order something else may be meant.
    expect(compare(before, withRules('b.example.com', 'a.example.com'))).toMatchObject([{ field: 'egress' }]);
  });
});

describe('changes of several environments', () => {
  it('are told once where they are alike, and apart for those that do not', () => {
    const both = (changes: Readonly<Record<string, unknown>> = {}) => [
      resolved(changes),
      resolved(changes, 'production'),
    ];
    expect(compareDeclarations(both(), both({ 'agents.bot.actsFor': 'itself' }))).toMatchObject([
      { environments: ['staging', 'production'], entry: 'agents.bot' },
    ]);
    const principals = { 'roles.on-call.principals': { staging: [], production: [] } };
    expect(compareDeclarations(both(), both(principals)).map(({ environments }) => environments)).toEqual([
      ['staging'],
      ['production'],
    ]);
  });
});

describe('fields', () => {
  it('may be called as things of the language are', () => {
    const claims = (name: string) =>
      resolved({ 'workloads.ci.tokens.staging': [{ issuer: 'ci', claims: { [name]: 'x' } }] });
    expect(compare(claims('sub'), claims('constructor'))).toMatchObject([
      { field: 'tokens[0].claims.sub', before: 'x' },
      { field: 'tokens[0].claims.constructor', after: 'x' },
    ]);
    expect(compare(claims('sub'), claims('a.b'))).toMatchObject([{}, { field: 'tokens[0].claims["a.b"]' }]);
  });

  it('of two sections that call a field alike are both kept', () => {
    const before = everything();
    const access = accessOf(before);
    const roles = (purposes: string): Inventory => ({
      ...before,
      access: { ...access, roles: access.roles.map((role) => ({ ...role, purposes })) },
    });
    expect(compare(roles('one'), roles('two')).map(({ entry }) => entry)).toEqual([
      'roles.on-call',
      'roles.engineers',
    ]);
    const [binding, ...bindings] = access.purposeBindings;
    const narrowed = {
      ...roles('one'),
      access: { ...accessOf(roles('one')), purposeBindings: bindings },
    };
    expect(compare(roles('one'), narrowed)).toMatchObject([{ entry: binding?.principal.replace(':', 's.') }]);
  });
});
