import { canonicalJson, sha256Hex } from '../digest.ts';
import type { Approval } from './approval.ts';

/** Everything that people approve: a request that differs in any of it is another one. */
export type ApprovedRequest = Pick<
  Approval,
  'leasable' | 'holder' | 'actingFor' | 'purpose' | 'ttlSeconds' | 'requestId'
>;

/** What binds an approval to one request: SHA-256 of its canonical JSON (RFC 8785), hex. */
export function approvalDigest({
  leasable,
  holder,
  actingFor,
  purpose,
  ttlSeconds,
  requestId,
}: ApprovedRequest): string {
  const whole = { leasable, holder, actingFor: actingFor ?? null, purpose, ttlSeconds, requestId };
  return sha256Hex(canonicalJson(whole));
}
