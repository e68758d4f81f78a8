import type { AuthorityStatus } from '../../lambdas/report/show-authorities.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';
import { distanceText, lengthText, momentText } from './time-words.ts';

/** How lease authorities stand, as a table, with what somebody should do below it. None: nothing. */
export function authoritiesText(
  authorities: readonly AuthorityStatus[],
  at: string,
  paint: Paint,
): readonly string[] {
  if (authorities.length === 0) return [];
  const head = ['LEASE AUTHORITY', 'KIND', 'OWNER', 'AGE', 'EVERY', 'STATE'].map((text) => ({
    text,
    paint: paint.faint,
  }));
  const rows = authorities.map((authority) => [
    { text: authority.name, paint: paint.strong },
    authority.kind,
    authority.owner,
    authority.ageSeconds === undefined ? '–' : lengthText(authority.ageSeconds),
    lengthText(authority.supplyEverySeconds),
    stateCell(authority, at, paint),
  ]);
  const todo = [...lateLines(authorities), ...authorities.flatMap(problemLines)];
  return [tableText([head, ...rows]), ...(todo.length > 0 ? ['', ...todo] : [])];
}

/** Everything about one lease authority. */
export function authorityText(
  authority: AuthorityStatus,
  { environment, at }: { readonly environment: string; readonly at: string },
  paint: Paint,
): string {
  const { name, kind, owner, since, dueAt } = authority;
  const isWanted = authority.overdue || authority.supplied === false;
  return [
    `${paint.strong(plainText(name))}  lease authority of kind ${kind}, owned by ${owner}, in ${environment}`,
    '',
    tableText([
      ['state', stateCell(authority, at, paint)],
      ...(since === undefined ? [] : [['value', `put ${momentText(since, at)}`]]),
      ['supplied', `every ${lengthText(authority.supplyEverySeconds)}`],
      ...(dueAt === undefined ? [] : [['next', `due ${momentText(dueAt, at)}`]]),
    ]),
    ...(isWanted ? ['', 'What you may do:', supply(name)] : []),
  ].join('\n');
}

function stateCell(authority: AuthorityStatus, at: string, paint: Paint) {
  const text = stateWords(authority, at);
  if (authority.overdue) return { text, paint: paint.bad };
  return { text, paint: authority.supplied === false ? paint.odd : paint.good };
}

function stateWords({ supplied, overdue, dueAt, problem }: AuthorityStatus, at: string): string {
  if (problem !== undefined) return 'of unknown age';
  if (supplied === false || dueAt === undefined) return 'never supplied';
  return overdue
    ? `overdue, was due ${distanceText(dueAt, at)}`
    : `next value due ${distanceText(dueAt, at)}`;
}

/** A person supplies it, and nobody else can. */
const supply = (name: string): string => plainText(`  lockstep supply ${name}`);

function lateLines(authorities: readonly AuthorityStatus[]): readonly string[] {
  const late = authorities.filter(({ overdue, problem }) => overdue && problem === undefined);
  if (late.length === 0) return [];
  return [
    plainText(`Older than supplyEvery allows: ${late.map(({ name }) => name).join(', ')}`),
    ...late.map(({ name }) => supply(name)),
  ];
}

function problemLines({ name, supplied, problem }: AuthorityStatus): readonly string[] {
  if (problem !== undefined) return [plainText(`${name}: how old its value is cannot be told: ${problem}`)];
  return supplied === false
    ? [plainText(`${name}: never supplied, nothing is leased by it`), supply(name)]
    : [];
}
