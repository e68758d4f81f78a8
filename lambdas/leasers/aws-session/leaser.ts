import { AssumeRoleCommand, type AssumeRoleCommandOutput, type STSClient } from '@aws-sdk/client-sts';
import {
  assertNotTooLate,
  EXPIRY_MARGIN_SECONDS,
  outlivesBy,
  secondsLeft,
} from '../../core/access/issue-times.ts';
import { LockstepError } from '../../core/errors.ts';
import type { IssuedLease, LeaseHolder, Leaser, LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import { Secret } from '../../core/secret.ts';
import { instant, type Clock, type Instant } from '../../core/time.ts';
import { awsSessionCapabilities } from './capabilities.ts';
import { refusalOf } from './refusal.ts';
import { sessionPolicy } from './session-policy.ts';
import { sessionTags } from './session-tags.ts';
import { roleToLease, type RoleToLease } from './target.ts';

/** What the leaser needs from outside. */
export interface AwsSessionPorts {
  /** STS of a region; of the function's own where none is named. */
  readonly sts: (region: string | undefined) => STSClient;
  readonly clock: Clock;
}

const SHORTEST_SECONDS = awsSessionCapabilities.shortestSeconds ?? 0;
const LONGEST_SECONDS = awsSessionCapabilities.longestSeconds ?? Infinity;

/** The name of a session: CloudTrail and every service that logs its callers show it. */
const sessionName = (leaseId: string): string => `lockstep_l_${leaseId}`;

/** The ARN of a session follows from the role and the lease. The role's path is no part of it. */
const sessionArn = (role: string, leaseId: string): string => {
  const [, partition = '', account = '', name = ''] =
    /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(role) ?? [];
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName(leaseId)}`;
};

/**
 * Sessions of IAM roles, narrowed to a purpose by a session policy and named after their lease.
 *
 * Nothing here can end one: STS offers no call for it, and a denial in the role's own policy is a right over the role that
 * would be worth more than every lease of it. docs/leases-of-services.md has the policy by which the role's owner can. A lost
 * answer leaves a session that nobody has, and that its time ends.
 */
export function awsSessionLeaser(ports: AwsSessionPorts): Leaser {
  return {
    capabilities: awsSessionCapabilities,
    checkAuthority: ({ name }) => {
      throw noAuthority(name);
    },
    proveAuthority: async ({ name }) => {
      throw noAuthority(name);
    },
    issue: async (request, holder, times) => issue(ports, request, holder, times),
    renew: async ({ leasable }) => {
      throw notSupported(leasable.name, 'cannot be renewed: a session ends at its time; ask for a new lease');
    },
    end: async () => undefined,
    isRefused: async () => 'unknown',
    listOurs: async ({ leasable }) => {
      throw notSupported(leasable.name, 'cannot be listed: STS does not say which sessions there are');
    },
  };
}

const notSupported = (leasable: string, what: string): LockstepError =>
  new LockstepError('NOT_SUPPORTED', `leases of ${leasable} (aws-session) ${what}`);

const noAuthority = (name: string): LockstepError =>
  new LockstepError(
    'NOT_SUPPORTED',
    `${name}: sessions are made by the lease function's own role; no authority is stored for them`,
  );

async function issue(
  { sts, clock }: AwsSessionPorts,
  request: LeaserRequest,
  holder: LeaseHolder,
  times: LeaseTimes,
): Promise<IssuedLease> {
  const { leaseId, leasable } = request;
  assertNotTooLate(leaseId, times, clock());
  const target = roleToLease(leasable);
  const tags = sessionTags(request, holder, target);
  const command = new AssumeRoleCommand({
    RoleArn: target.role,
    RoleSessionName: sessionName(leaseId),
    DurationSeconds: durationOf(leasable.name, secondsLeft(times, clock())),
    Policy: sessionPolicy(leasable.name, target, holder.purpose),
    Tags: [...tags],
    // A session that this one is turned into goes on saying whose it is.
    TransitiveTagKeys: tags.map(({ Key }) => Key),
    ...(target.externalId === undefined ? {} : { ExternalId: target.externalId }),
  });
  const left = Math.max(1, Date.parse(times.notAfter) - clock().getTime());
  const answer = await sts(target.region)
    .send(command, { abortSignal: AbortSignal.timeout(left) })
    .catch((error: unknown) => Promise.reject(refusalOf(leasable.name, target.role, error)));
  const { value, expiresAt } = heldOf(answer, leasable.name, target);
  assertEnds(leasable.name, times, expiresAt);
  assertNotTooLate(leaseId, times, clock());
  return { key: sessionArn(target.role, leaseId), value, expiresAt };
}

/** What is asked for is never more than is left of the lease, but for the shortest session that there is. */
function durationOf(leasable: string, left: number): number {
  if (left >= SHORTEST_SECONDS - EXPIRY_MARGIN_SECONDS)
    return Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, left));
  throw notSupported(leasable, `are ${SHORTEST_SECONDS} s or longer, and this one would be ${left} s`);
}

/** What the holder gets: credentials as every SDK of AWS takes them, by the names of its own configuration. */
function heldOf(
  { Credentials }: AssumeRoleCommandOutput,
  subject: string,
  { region }: RoleToLease,
): { readonly value: Secret; readonly expiresAt: Instant } {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new LockstepError(
      'TARGET_REFUSED',
      `STS answered without credentials for a lease of ${subject}; is its endpoint STS?`,
    );
  }
  const expiresAt = instant(Expiration);
  const value = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiresAt,
    ...(region === undefined ? {} : { region }),
  };
  return { value: new Secret(JSON.stringify(value)), expiresAt };
}

/** A session that outlives its lease is handed to nobody. */
function assertEnds(subject: string, times: LeaseTimes, expiresAt: Instant): void {
  const seconds = outlivesBy(times, expiresAt);
  if (seconds === undefined) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `STS gave a session for ${subject} that ends ${seconds} s after its lease; is its clock right?`,
  );
}
