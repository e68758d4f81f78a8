import { LOCAL } from '../../lambdas/contracts/inventory/local-world.ts';
import { DOUBLED, isDoubled } from '../../embedded/world/doubled.ts';
import type { InventoryReport, LeasableLine } from '../../lambdas/report/compare-inventory.ts';
import type { AuthorityStatus } from '../../lambdas/report/show-authorities.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';

/** Everything that is declared. */
export function inventoryText(
  { environment, digest, credentials, leaseAuthorities = [], leasables = [] }: InventoryReport,
  paint: Paint,
): string {
  const head = headOf(paint, 'CREDENTIAL', 'KIND', 'OWNER', 'VALUE', 'ADOPTED', 'SECRET');
  const rows = credentials.map(({ name, kind, owner, inVault, hasValue, adopted, secret }) => [
    { text: name, paint: paint.strong },
    kind,
    owner,
    inVault
      ? hasValue
        ? 'yes'
        : { text: 'none yet', paint: paint.odd }
      : { text: 'no secret', paint: paint.bad },
    adopted ? 'yes' : { text: 'no', paint: paint.odd },
    secret,
  ]);
  const unadopted = credentials.filter(({ adopted }) => !adopted);
  return [
    `${environment}, ${credentials.length} credential(s), inventory ${digest.slice(0, 12)}${
      credentials.some(({ kind }) => isDoubled(environment, kind)) ? `, ${DOUBLED}` : ''
    }`,
    '',
    tableText([head, ...rows]),
    ...(unadopted.length > 0
      ? ['', 'To adopt:', ...unadopted.map(({ name }) => `  lockstep adopt ${plainText(name)}`)]
      : []),
    ...below(authoritiesText(leaseAuthorities, paint)),
    ...below(leasablesText(leasables, paint)),
  ].join('\n');
}

const headOf = (paint: Paint, ...titles: readonly string[]) =>
  titles.map((text) => ({ text, paint: paint.faint }));

const below = (lines: readonly string[]): readonly string[] => (lines.length > 0 ? ['', ...lines] : []);

/** How old each is, status shows. */
function authoritiesText(authorities: readonly AuthorityStatus[], paint: Paint): readonly string[] {
  if (authorities.length === 0) return [];
  const head = headOf(paint, 'LEASE AUTHORITY', 'KIND', 'OWNER', 'VALUE');
  const rows = authorities.map(({ name, kind, owner, supplied, problem }) => [
    { text: name, paint: paint.strong },
    kind,
    owner,
    supplied === true
      ? 'yes'
      : { text: supplied === false ? 'none yet' : `unknown: ${problem ?? ''}`, paint: paint.odd },
  ]);
  const missing = authorities.filter(({ supplied }) => supplied === false);
  return [
    tableText([head, ...rows]),
    ...(missing.length > 0
      ? ['', 'To supply:', ...missing.map(({ name }) => `  lockstep supply ${plainText(name)}`)]
      : []),
  ];
}

function leasablesText(leasables: readonly LeasableLine[], paint: Paint): readonly string[] {
  if (leasables.length === 0) return [];
  const head = headOf(paint, 'LEASABLE', 'KIND', 'OWNER', 'TIER', 'MADE BY', 'STANDS FOR');
  const rows = leasables.map(({ name, kind, owner, tier, authority = '–', standsFor = '–' }) => [
    { text: name, paint: paint.strong },
    kind,
    owner,
    String(tier),
    authority,
    standsFor,
  ]);
  return [tableText([head, ...rows])];
}

/** One difference between what is declared and what is there. */
export interface Drift {
  /** A credential, or the name of a secret that none declares. */
  readonly subject: string;
  readonly what: string;
}

/** Every difference, both ways. */
export const driftOf = ({ environment, credentials, undeclared }: InventoryReport): readonly Drift[] => [
  ...credentials.flatMap(({ name, secret, inVault, drift }) => [
    ...(inVault
      ? []
      : [
          {
            subject: name,
            what: `declared, and the vault has no secret ${secret}: ${environment === LOCAL ? 'npm start makes it' : 'deploy'}`,
          },
        ]),
    ...drift.map((what) => ({ subject: name, what })),
  ]),
  ...undeclared.map((secret) => ({
    subject: secret,
    what: 'in the vault, and no credential declares it: declare it, or delete it by hand',
  })),
];

/** The differences as a table. */
export function driftText(environment: string, drift: readonly Drift[], paint: Paint): string {
  if (drift.length === 0)
    return `${environment}: ${paint.good('no drift')}; the vault holds what the inventory declares, and nothing else.`;
  return [
    `${environment}: ${paint.bad(`${drift.length} difference(s)`)} between the inventory and the vault`,
    '',
    tableText(drift.map(({ subject, what }) => [{ text: subject, paint: paint.strong }, what])),
  ].join('\n');
}
