import { isLockstepError } from '../../core/errors.ts';
import {
  ISSUE_WITHIN_SECONDS,
  type IssuedLease,
  type LeaseHolder,
  type Leaser,
  type LeaserRequest,
  type LeaseTimes,
} from '../../core/ports/leaser.ts';
import type { Instant } from '../../core/time.ts';
import { newPassword } from '../../servers/new-password.ts';
import { leaseRules } from './acl-rules.ts';
import { asAuthority, loginOfAuthority } from './as-authority.ts';
import { redisLeaseCapabilities } from './capabilities.ts';
import { changeLease } from './change-lease.ts';
import { withConnection } from './connection.ts';
import { assertMayIssue, assertMayRenew } from './lease-decision.ts';
import { memoryText, type LeaseMemory } from './lease-memory.ts';
import { memoryKeyOf, userOf } from './lease-names.ts';
import { listUsers } from './list-users.ts';
import { loginValueText } from '../../servers/login-value.ts';
import { authorityOf } from '../../servers/authority-of.ts';
import type { RedisLeaserPorts } from './ports.ts';
import { proveAuthority } from './prove-authority.ts';
import { authorityTargetOf, leaseTargetOf } from './target.ts';

/**
 * An ACL user for each lease, `lockstep_l_<lease>`, on Redis 7 or newer, or Valkey, that stands alone. Redis
 * knows no moment at which a user ends: a timer and the sweeper end it, and nothing else does.
 */
export const redisLeaser = (ports: RedisLeaserPorts): Leaser => ({
  capabilities: redisLeaseCapabilities,
  checkAuthority: (authority, value) => void loginOfAuthority(authority, value),
  proveAuthority: (authority, value) => proveAuthority(ports, authority, value),
  issue: (request, holder, times) => issueUser(ports, request, holder, times),
  renew: (request, expiresAt) => renewUser(ports, request, expiresAt),
  end: (request) => endUser(ports, request),
  isRefused: (request) => isUserRefused(ports, request),
  listOurs: (request, after) => listUsers(ports, request, after),
});

/** How long an end is remembered: as long as an issue could still come, and twice as long again for clocks that differ. */
const REMEMBERED_SECONDS = 3 * ISSUE_WITHIN_SECONDS;

/**
 * Makes the user of a lease. One that was there by an answer that was lost is deleted in the same transaction: its
 * password works no more, and nobody stays in by it.
 */
async function issueUser(
  ports: RedisLeaserPorts,
  request: LeaserRequest,
  { holder, purpose }: LeaseHolder,
  times: LeaseTimes,
): Promise<IssuedLease> {
  const { endpoint } = authorityTargetOf(authorityOf(request).declared);
  const [user, password] = [userOf(request.leaseId), newPassword(ports.randomBytes)];
  const rules = leaseRules(leaseTargetOf(request.leasable), password);
  const { environment, leasable, fence } = request;
  const memory = { environment, leasable: leasable.name, holder, purpose, fence };
  await asAuthority(ports, request, (session) =>
    changeLease(ports, session, request, (state) => {
      assertMayIssue(state, request, times);
      return [
        remember(request, memory, times.expiresAt),
        ['ACL', 'DELUSER', user],
        ['ACL', 'SETUSER', user, ...rules],
      ];
    }),
  );
  const value = loginValueText('redis', {
    host: endpoint.host,
    port: endpoint.port,
    username: user,
    password,
  });
  return { key: user, value };
}

/** Redis keeps no end of a user's: what moves is for how long it is remembered, and which fence has been there. */
const renewUser = (ports: RedisLeaserPorts, request: LeaserRequest, expiresAt: Instant): Promise<void> =>
  asAuthority(ports, request, (session) =>
    changeLease(ports, session, request, (state) => {
      const memory = assertMayRenew(state, request);
      return [remember(request, { ...memory, fence: request.fence }, expiresAt)];
    }),
  );

const remember = (request: LeaserRequest, memory: LeaseMemory, expiresAt: Instant): readonly string[] => [
  'SET',
  memoryKeyOf(request.leaseId),
  memoryText(memory),
  'PXAT',
  // A debt may be old: as long as the user could be there, it is known whose it is.
  String(Date.parse(expiresAt) + DEBT_MS),
];

/** A week. */
const DEBT_MS = 7 * 86_400_000;

/**
 * Ends a lease for good, in one transaction that asks nothing first: its end is remembered, and its user deleted, which
 * cuts every connection of its own. Nothing of it there: the end is remembered all the same, because an issue whose answer
 * was lost may still be on its way.
 */
async function endUser(ports: RedisLeaserPorts, request: LeaserRequest): Promise<void> {
  const { environment, leasable, fence } = request;
  const unknown = { holder: 'unknown', purpose: 'unknown' };
  const memory = { environment, leasable: leasable.name, ...unknown, fence, ended: true };
  const deletion = ['ACL', 'DELUSER', userOf(request.leaseId)];
  const doing = `the end of user ${userOf(request.leaseId)}`;
  await asAuthority(ports, request, async (session) => {
    try {
      await session.ask(doing, [
        ['MULTI'],
        ['SET', memoryKeyOf(request.leaseId), memoryText(memory), 'EX', String(REMEMBERED_SECONDS)],
        deletion,
        ['EXEC'],
      ]);
    } catch (error) {
      // A server that is full remembers nothing, and deletes all the same. It has not ended before it is remembered.
      if (isLockstepError(error, 'TARGET_FULL')) await session.ask(doing, [deletion]);
      throw error;
    }
  });
}

/**
 * Whether the server refuses a lease: its user is not there, and a login as it is turned away. Nobody has its password any
 * more, so the attempt is made with another one.
 */
async function isUserRefused(
  ports: RedisLeaserPorts,
  request: LeaserRequest,
): Promise<'refused' | 'accepted' | 'unknown'> {
  const user = userOf(request.leaseId);
  const { endpoint } = authorityTargetOf(authorityOf(request).declared);
  try {
    const found = await asAuthority(ports, request, async (session) => {
      const [reply] = await session.ask(`the look at user ${user}`, [['ACL', 'GETUSER', user]]);
      return reply;
    });
    if (found !== null) return 'accepted';
    await withConnection(
      ports,
      { endpoint, user, password: newPassword(ports.randomBytes) },
      async () => undefined,
    );
    return 'accepted';
  } catch (error) {
    if (isLockstepError(error, 'TARGET_REFUSES_LOGIN')) return 'refused';
    if (isLockstepError(error, 'TARGET_UNREACHABLE', 'TARGET_BUSY')) return 'unknown';
    throw error;
  }
}
