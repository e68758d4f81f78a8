import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { LeaseHolder, LeaserRequest } from '../../core/ports/leaser.ts';
import type { RoleToLease } from './target.ts';

/** Longer values are replaced by their digest: policy and tags share one small space in a session. */
const VALUE_CHARACTERS = 128;

/**
 * A text as the value of a tag: letters, digits and `_.:/@-` stand for themselves, every other byte for `=` and two hex
 * digits, and what gets too long for `=sha256:` and its digest.
 *
 * Two texts never have one value: policies compare holders by it, and whoever chooses a name must not be able to choose
 * somebody else's. Nothing in it is a wildcard, because resources of policies are made of it.
 */
export function tagValue(text: string): string {
  const value = Array.from(utf8ToBytes(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_.:/@-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`;
  }).join('');
  return value.length <= VALUE_CHARACTERS ? value : `=sha256:${bytesToHex(sha256(utf8ToBytes(text)))}`;
}

/** A tag of a session, as STS takes it. */
export interface SessionTag {
  readonly Key: string;
  readonly Value: string;
}

/**
 * Who has the session and what for, for policies (`aws:PrincipalTag/lockstep-holder`) and for CloudTrail. What the
 * inventory adds comes first, and cannot take the place of any of these: its keys may not begin so.
 */
export const sessionTags = (
  { environment, leaseId, leasable }: LeaserRequest,
  { holder, purpose }: LeaseHolder,
  { tags = {} }: RoleToLease,
): readonly SessionTag[] => [
  ...Object.entries(tags)
    .filter(([key]) => !/^\s*(?:aws:|lockstep)/i.test(key))
    .map(([Key, Value]) => ({ Key, Value })),
  { Key: 'lockstep-environment', Value: tagValue(environment) },
  { Key: 'lockstep-lease', Value: tagValue(leaseId) },
  { Key: 'lockstep-leasable', Value: tagValue(leasable.name) },
  { Key: 'lockstep-holder', Value: tagValue(holder) },
  { Key: 'lockstep-purpose', Value: tagValue(purpose) },
];
