import type { Access } from './access.ts';
import { printable } from './principal.ts';
import { knownReader, type Reader, type Subject, type WatchedSecret, type WatchList } from './watch-list.ts';

/** Five sentences for a person at night. Ids and names only: a page may be sent anywhere. */
export function reasonsOf(
  access: Access,
  subject: Subject,
  list: WatchList,
  why: { readonly odd: string; readonly normal: string },
): readonly string[] {
  return [
    `Who: ${whoOf(access, list)}.`,
    `What: ${whatOf(access, subject)}.`,
    `When: ${access.at}, by CloudTrail's clock.`,
    `Odd: ${why.odd}.`,
    `Normal: ${why.normal}.`,
  ];
}

/** The principal, who that is, and where the call came from. */
export function whoOf({ principal, from }: Pick<Access, 'principal' | 'from'>, list: WatchList): string {
  const { key, identity, session } = principal;
  const known = knownReader(principal, list);
  return [
    key,
    // A function or instance that is told apart by itself, or a person in a shared role.
    ...(key === printable(identity) ? [] : [`in role ${printable(identity)}`]),
    ...(known ? [`which is ${readerText(known)}`] : []),
    ...(session === undefined ? [] : [`session ${session}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
  ].join(', ');
}

/** What was asked for, and how it went. */
function whatOf({ call, outcome }: Access, subject: Subject): string {
  const what = `${call} of ${subjectText(subject)}`;
  switch (outcome) {
    case 'served':
      return `${what}, which was served`;
    case 'refused':
      return `${what}, which was refused`;
    case 'missing':
      return `${what}, which was let through but found no value`;
    case 'failed':
      return `${what}, which failed for another reason than a missing right`;
    case 'asked':
      return `${what}; the record does not say whether it was served, so take it that it was`;
  }
}

/** A secret by the name that may be shown. */
export function subjectText(subject: Subject): string {
  switch (subject.kind) {
    case 'watched':
      return watchedText(subject.watched);
    case 'undeclared':
      return 'a secret that the inventory does not declare';
    case 'unnamed':
      return 'secrets that the record does not name';
  }
}

function watchedText({ credential, leaseAuthority }: WatchedSecret): string {
  if (credential) return `credential ${credential.name}`;
  return leaseAuthority === undefined
    ? 'the heartbeat secret, which never holds a value'
    : `lease authority ${leaseAuthority}, by which leases are made`;
}

/** Everybody who may read, in a sentence. */
export function readersText(readers: readonly Reader[]): string {
  const names = [...new Set(readers.map(readerText))];
  if (names.length === 0) return 'nobody reads it';
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `it is read by ${names.slice(0, MAX_NAMED).join(', ')}${more}, and nobody else`;
}

/** A page has to be read on a telephone. */
const MAX_NAMED = 8;

function readerText({ as, name }: Reader): string {
  switch (as) {
    case 'workload':
      return `workload ${name}`;
    case 'adopter':
      return `adopter ${name}`;
    case 'target-function':
    case 'function':
    case 'pulse':
      return `Lockstep's function ${name}`;
  }
}
