import { areLetters, lettersOf } from '../base32.ts';
import { MARK_LENGTH } from '../deployment-mark.ts';
import type { RandomBytes } from '../ports/ids.ts';

/** Six letters before it are MySQL's 32 characters exactly, the shortest that any target has for a name. */
const LENGTH = 26;

/** 90 random bits: of four thousand million leases of one deployment, two are alike once in a hundred million times. */
const RANDOM_LENGTH = LENGTH - MARK_LENGTH;

/**
 * A new id of a lease: 26 characters of Crockford's base 32, lower case. The mark of its deployment comes first, so that
 * whatever is called after a lease at a target says whose it is, and all of one deployment's are one range of names.
 */
export const newLeaseId = (mark: string, randomBytes: RandomBytes): string =>
  `${mark}${lettersOf(randomBytes(RANDOM_LENGTH))}`;

/** Whether a text can be the id of a lease. */
export const isLeaseId = (text: string): boolean => areLetters(text, LENGTH);

/** The lease that something at a target is called after, behind a beginning; `undefined` for what has no id there. */
export function leaseIdIn(prefix: string, name: string): string | undefined {
  const id = name.slice(prefix.length);
  return name.startsWith(prefix) && isLeaseId(id) ? id : undefined;
}

/** What stands where the mark of a lease's deployment does, behind a beginning: one, if the name is that of a lease. */
export const markIn = (prefix: string, name: string): string =>
  name.slice(prefix.length, prefix.length + MARK_LENGTH);

/** Whether a lease is one of the deployment with this mark. */
export const isLeaseOf = (mark: string, leaseId: string): boolean =>
  isLeaseId(leaseId) && leaseId.startsWith(mark);
