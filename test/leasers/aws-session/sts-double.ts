import { randomBytes } from 'node:crypto';
import type { Secret } from '../../../lambdas/core/secret.ts';
import type { Clock } from '../../../lambdas/core/time.ts';
import { httpDouble, type HttpDouble, type WireAnswer } from '../../adapters/doubles/http-double.ts';
import { evaluate } from '../../rights/evaluate.ts';
import type { Policy } from '../../rights/policy.ts';
import type { Context } from '../../rights/request.ts';
import { readAssumeRole, StsRefusal, type AssumeRoleAsk } from './read-assume-role.ts';

/** A role of the account that the double has. */
export interface DoubleRole {
  readonly arn: string;
  /** Its own rights: what no session policy can add to. */
  readonly rights: Policy;
  /** What its trust asks for; absent: nothing. */
  readonly externalId?: string;
  /** Whether its trust allows sts:TagSession. */
  readonly takesTags?: boolean;
  readonly longestSeconds?: number;
}

/** A session as the double keeps it. */
interface Session extends AssumeRoleAsk {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAtMs: number;
}

/** A double of STS that we wrote from its model and documentation: it keeps sessions, and judges what they may do. */
export interface StsDouble extends HttpDouble {
  /** What was asked for, in the order of asking. */
  readonly asked: readonly AssumeRoleAsk[];
  /** What a service of AWS says to a holder's credentials. */
  allows(value: Secret, action: string, resource: string, context?: Context): boolean;
  /** How the next calls are answered instead; `lost`: the session is made, and its answer does not arrive. */
  next(...answers: readonly (WireAnswer | 'lost')[]): void;
}

const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
const xml = (status: number, body: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});

/** An error as STS says it. It quotes what it was sent, as AWS does. */
export const stsRefusal = (status: number, code: string, message = `said ${code}`): WireAnswer =>
  xml(
    status,
    `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );

/** Starts one. */
export async function stsDouble(roles: readonly DoubleRole[], clock: Clock): Promise<StsDouble> {
  const asked: AssumeRoleAsk[] = [];
  const sessions: Session[] = [];
  const next: (WireAnswer | 'lost')[] = [];
  const http = await httpDouble('sts', ({ body }) => {
    const instead = next.shift();
    if (instead !== undefined && instead !== 'lost') return instead;
    try {
      const ask = readAssumeRole(new URLSearchParams(body));
      asked.push(ask);
      const session = open(ask, roles, clock());
      sessions.push(session);
      return instead === 'lost' ? 'lose' : xml(200, answerOf(session));
    } catch (error) {
      if (!(error instanceof StsRefusal)) throw error;
      return stsRefusal(error.status, error.code, error.message.replaceAll('<', '&lt;'));
    }
  });
  return {
    ...http,
    asked,
    next: (...answers) => void next.push(...answers),
    allows: (value, action, resource, context) => {
      const session = ofValue(sessions, value);
      if (!session || clock().getTime() >= session.expiresAtMs) return false;
      return mayDo(session, roles, { action, resource, context: context ?? {} });
    },
  };
}

function open(ask: AssumeRoleAsk, roles: readonly DoubleRole[], now: Date): Session {
  const role = roles.find(({ arn }) => arn === ask.role);
  const denied = new StsRefusal(
    'AccessDenied',
    `not authorized to perform: sts:AssumeRole on ${ask.role}`,
    403,
  );
  if (!role || (role.externalId !== undefined && role.externalId !== ask.externalId)) throw denied;
  if (role.takesTags === false && Object.keys(ask.tags).length > 0) throw denied;
  if (ask.seconds > (role.longestSeconds ?? 3600))
    throw new StsRefusal(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  return {
    ...ask,
    accessKeyId: `ASIADOUBLE${randomBytes(5).toString('hex').toUpperCase()}`,
    secretAccessKey: `double${randomBytes(20).toString('hex')}`,
    sessionToken: `double${randomBytes(60).toString('base64')}`,
    // STS keeps whole seconds.
    expiresAtMs: Math.floor(now.getTime() / 1000) * 1000 + ask.seconds * 1000,
  };
}

const answerOf = ({
  role,
  sessionName,
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiresAtMs,
}: Session): string =>
  `<AssumeRoleResponse ${NAMESPACE}><AssumeRoleResult><AssumedRoleUser>` +
  `<AssumedRoleId>AROADOUBLE:${sessionName}</AssumedRoleId><Arn>${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}</Arn>` +
  `</AssumedRoleUser><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
  `<SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(expiresAtMs).toISOString()}</Expiration></Credentials>` +
  `</AssumeRoleResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></AssumeRoleResponse>`;

function ofValue(sessions: readonly Session[], value: Secret): Session | undefined {
  const held = JSON.parse(value.reveal()) as Readonly<Record<string, unknown>>;
  return sessions.find(
    (session) =>
      session.accessKeyId === held['accessKeyId'] &&
      session.secretAccessKey === held['secretAccessKey'] &&
      session.sessionToken === held['sessionToken'],
  );
}

/**
 * The rights of a session are what its role's policies and its session policy both allow. Both are asked of an evaluator
 * that is tested against those of others (`test/rights`); it has no session policies, so each is asked alone.
 */
function mayDo(
  session: Session,
  roles: readonly DoubleRole[],
  {
    action,
    resource,
    context,
  }: { readonly action: string; readonly resource: string; readonly context: Context },
): boolean {
  const rights = roles.find(({ arn }) => arn === session.role)?.rights;
  const policies = [rights, session.policy === undefined ? undefined : filled(session)];
  const request = {
    principal: session.role,
    resourceAccount: session.role.split(':')[4] ?? '',
    action,
    resource,
    context,
  };
  return policies
    .filter((policy) => policy !== undefined)
    .every(
      (document) => evaluate(request, { identity: [{ name: 'policy', document }] }).verdict === 'allowed',
    );
}

/** The session policy with the tags of the session in place of its variables, as IAM fills them in. */
const filled = ({ policy = '', tags }: Session): Policy =>
  JSON.parse(
    policy.replace(
      /\$\{aws:PrincipalTag\/([^}]+)\}/g,
      (_variable, key: string) => tags[key] ?? 'no-such-tag',
    ),
  ) as Policy;
