import { isLockstepError } from '../../lambdas/core/errors.ts';
import type { ErrorCode } from '../../lambdas/core/errors.ts';
import { wholeSeconds, type AwsPlace } from '../default-bus/aws-event.ts';

/** The calls that the embedded vault knows, by their API name. */
export type VaultCall =
  | 'DescribeSecret'
  | 'ListSecretVersionIds'
  | 'GetSecretValue'
  | 'PutSecretValue'
  | 'UpdateSecretVersionStage'
  | 'RotateSecret';

const READ_ONLY: readonly VaultCall[] = ['DescribeSecret', 'ListSecretVersionIds', 'GetSecretValue'];

/** One call as it was made. */
export interface AccessedCall {
  readonly call: VaultCall;
  readonly principal: string;
  /** As the caller sent it: a name, an ARN or a part of one. */
  readonly secretId: string;
  /** Parameters as CloudTrail spells them. Never a value: Secrets Manager does not log it either. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly response: Readonly<Record<string, unknown>> | null;
}

/** A CloudTrail record of a management event, with the fields that real ones have. */
export type AccessRecord = Readonly<Record<string, unknown>> & {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly errorCode?: string;
};

/** How a call ended, where not well. */
export type CallFailure =
  { readonly kind: 'denied' } | { readonly kind: 'failed'; readonly error: unknown } | undefined;

/** What the record needs besides the call. */
export interface RecordContext extends AwsPlace {
  readonly at: Date;
  readonly eventId: string;
  readonly requestId: string;
}

/**
 * The CloudTrail record of one call (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
 *
 * A denied call has no request parameters: the secret stands in `errorMessage` alone, as on AWS. There is
 * no `tlsDetails` and no access key, because here there is no TLS and no key to speak of.
 */
export function accessRecord(call: AccessedCall, failure: CallFailure, context: RecordContext): AccessRecord {
  const denied = failure?.kind === 'denied';
  const identity = userIdentity(call.principal, context);
  return {
    eventVersion: '1.11',
    userIdentity: identity,
    eventTime: wholeSeconds(context.at),
    eventSource: 'secretsmanager.amazonaws.com',
    eventName: call.call,
    awsRegion: context.region,
    sourceIPAddress: '127.0.0.1',
    userAgent: 'lockstep-embedded',
    ...errorFields(call, identity.arn, failure),
    requestParameters: denied ? null : call.parameters,
    responseElements: failure ? null : call.response,
    requestID: context.requestId,
    eventID: context.eventId,
    readOnly: READ_ONLY.includes(call.call),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: context.account,
    eventCategory: 'Management',
  };
}

function errorFields(
  { call, secretId }: AccessedCall,
  caller: string,
  failure: CallFailure,
): { readonly errorCode?: string; readonly errorMessage?: string } {
  if (!failure) return {};
  if (failure.kind === 'failed') return { errorCode: exceptionOf(failure.error) };
  const action = `secretsmanager:${call}`;
  return {
    errorCode: 'AccessDenied',
    errorMessage: `User: ${caller} is not authorized to perform: ${action} on resource: ${secretId} because no resource-based policy allows the ${action} action`,
  };
}

/** Our codes by the exception that Secrets Manager answers with. */
const EXCEPTIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  UNKNOWN_CREDENTIAL: 'ResourceNotFoundException',
  UNKNOWN_VERSION: 'ResourceNotFoundException',
  VERSION_CONFLICT: 'ResourceExistsException',
  LABEL_CONFLICT: 'InvalidParameterException',
  MALFORMED_REQUEST: 'InvalidParameterException',
  VALUE_MALFORMED: 'InvalidParameterException',
  PENDING_ELSEWHERE: 'InvalidRequestException',
  ROTATION_DISABLED: 'InvalidRequestException',
  VAULT_DAMAGED: 'DecryptionFailure',
};

const exceptionOf = (error: unknown): string =>
  (isLockstepError(error) ? EXCEPTIONS[error.code] : undefined) ?? 'InternalServiceErrorException';

type Identity = Readonly<Record<string, unknown>> & { readonly type: string; readonly arn: string };

/** Root and IAM users by their ARN; everyone else is a role with one session, whose issuer is the principal. */
function userIdentity(principal: string, { account, at }: RecordContext): Identity {
  if (/^arn:[^:]*:iam::\d+:root$/.test(principal)) {
    return { type: 'Root', principalId: account, arn: principal, accountId: account };
  }
  const user = /^arn:[^:]*:iam::\d+:user\/(?:.*\/)?([^/]+)$/.exec(principal)?.[1];
  if (user !== undefined) {
    return { type: 'IAMUser', principalId: user, arn: principal, accountId: account, userName: user };
  }
  const name = principal.split(/[/:]/).at(-1) ?? principal;
  return {
    type: 'AssumedRole',
    principalId: `${name}:embedded`,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/embedded`,
    accountId: account,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: name,
        arn: principal,
        accountId: account,
        userName: name,
      },
      attributes: { creationDate: wholeSeconds(at), mfaAuthenticated: 'false' },
    },
  };
}
