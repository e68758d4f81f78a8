import type { Credential } from '../credential.ts';
import { sha256Hex } from '../digest.ts';
import type { Access } from './access.ts';
import { isSameIdentity, type Principal } from './principal.ts';
import { namedSecret } from './secret-name.ts';

/** Somebody who may read a secret, and as what. */
export interface Reader {
  readonly as: 'workload' | 'adopter' | 'target-function' | 'function' | 'pulse';
  /** The workload's or function's name. */
  readonly name: string;
  /** A role's ARN, or what the embedded world calls a principal. */
  readonly principal: string;
}

/** A secret that the watch knows. */
export interface WatchedSecret {
  /** Its name in the vault. */
  readonly secret: string;
  /** Absent for the heartbeat, which is nobody's credential, and for lease authorities. */
  readonly credential?: Credential;
  /** The name of the lease authority that it is the secret of. */
  readonly leaseAuthority?: string;
  /** Names of the credentials that this one is the authority of. */
  readonly children: readonly string[];
  readonly readers: readonly Reader[];
}

/** Everything the watch knows of who may read what, from the inventory and the list of Lockstep's functions. */
export interface WatchList {
  /** The account that owns these secrets: a secret of that name in another account is another secret. */
  readonly account: string;
  readonly secrets: ReadonlyMap<string, WatchedSecret>;
  /** Everybody known by name, whatever they may read. */
  readonly known: readonly Reader[];
}

/** One secret that an access is about. */
export type Subject =
  | { readonly kind: 'watched'; readonly key: string; readonly watched: WatchedSecret }
  /** Not in the inventory. Its name is not kept: a confused caller may have sent a value instead of a name. */
  | { readonly kind: 'undeclared'; readonly key: string }
  /** The record names no secret: a listing, a batch by filter, a refusal without a resource. */
  | { readonly kind: 'unnamed'; readonly key: 'unnamed' };

/** What an access is about, each secret once however often and in whatever form it is named. */
export function subjectsOf(access: Access, list: WatchList): readonly Subject[] {
  if (access.secretIds.length === 0) return [{ kind: 'unnamed', key: 'unnamed' }];
  const subjects = new Map<string, Subject>();
  for (const id of access.secretIds) {
    const subject = subjectOf(id, access, list);
    subjects.set(subject.key, subject);
  }
  return [...subjects.values()];
}

function subjectOf(id: string, access: Access, list: WatchList): Subject {
  const { name, account = access.account ?? list.account } = namedSecret(id, (each) =>
    list.secrets.has(each),
  );
  const watched = account === list.account ? list.secrets.get(name) : undefined;
  if (watched) return { kind: 'watched', key: name, watched };
  return { kind: 'undeclared', key: `undeclared:${sha256Hex(`${account}/${name}`).slice(0, 16)}` };
}

/** As what a principal may read a secret, where it may. */
export const readerOf = (principal: Principal, { readers }: WatchedSecret): Reader | undefined =>
  readers.find((reader) => isSameIdentity(reader.principal, principal.identity));

/** Who a principal is, where it is known at all. */
export const knownReader = (principal: Principal, { known }: WatchList): Reader | undefined =>
  known.find((reader) => isSameIdentity(reader.principal, principal.identity));
