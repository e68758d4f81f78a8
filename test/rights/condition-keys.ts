import { fits } from './patterns.ts';
import { accountOf, serviceOf, type Attempt } from './request.ts';

/** What a key's values are, which says by which operators they may be compared. */
export type KeyType = 'text' | 'arn' | 'yes-or-no' | 'number';

/** One condition key. */
export interface ConditionKey {
  readonly type: KeyType;
  /** A request may carry several values, and only operators over sets compare them. */
  readonly isMany: boolean;
  /** Whether such a request may carry it. If so, a request has to say what it carries, or that it carries none. */
  readonly mayBeIn: (attempt: Attempt) => boolean;
  /** Its value, where the principal tells it; `undefined`: that principal has none. */
  readonly derive?: (principal: string) => string | undefined;
}

const by =
  (...actions: readonly string[]) =>
  ({ action }: Attempt): boolean =>
    actions.some((each) => fits(each.toLowerCase(), action.toLowerCase()));
const always = (): boolean => true;
const byService = ({ principal }: Attempt): boolean => serviceOf(principal) !== undefined;
const one = (type: KeyType, mayBeIn: ConditionKey['mayBeIn']): ConditionKey => ({
  type,
  isMany: false,
  mayBeIn,
});
const many = (mayBeIn: ConditionKey['mayBeIn']): ConditionKey => ({ type: 'text', isMany: true, mayBeIn });

/** The actions of DynamoDB that are about items with a key: `Scan` is not one of them. */
const WITH_KEYS = by('dynamodb:*Item', 'dynamodb:Query', 'dynamodb:PartiQL*');

const URL_ACTIONS = by('lambda:InvokeFunctionUrl', 'lambda:*FunctionUrlConfig', 'lambda:AddPermission');

/** Symmetric keys only: a signature has no encryption context. */
const ENCRYPTING = by(
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncrypt*',
  'kms:GenerateDataKey*',
  'kms:CreateGrant',
);

/**
 * Every key that our policies ask for, and which requests carry it: the global ones by
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, those of services by the
 * service's page under
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
 */
export const CONDITION_KEYS: Readonly<Record<string, ConditionKey>> = {
  'aws:PrincipalArn': {
    ...one('arn', always),
    derive: (principal) => (serviceOf(principal) === undefined ? principal : undefined),
  },
  'aws:PrincipalAccount': { ...one('text', always), derive: accountOf },
  'aws:SecureTransport': one('yes-or-no', always),
  // Only where a service asks in its own name, on behalf of something.
  'aws:SourceArn': one('arn', byService),
  'aws:SourceAccount': one('text', byService),
  'dynamodb:LeadingKeys': many(WITH_KEYS),
  'events:source': many(by('events:PutEvents')),
  'events:detail-type': many(by('events:PutEvents')),
  'iam:PassedToService': one('text', by('iam:PassRole')),
  'kms:CallerAccount': one('text', by('kms:*')),
  'kms:ViaService': one('text', by('kms:*')),
  'kms:EncryptionContext:SecretARN': one('text', ENCRYPTING),
  'kms:EncryptionContext:aws:cloudtrail:arn': one('text', ENCRYPTING),
  'kms:GrantIsForAWSResource': one('yes-or-no', by('kms:CreateGrant')),
  'lambda:FunctionUrlAuthType': one('text', URL_ACTIONS),
  'lambda:InvokedViaFunctionUrl': one('yes-or-no', by('lambda:InvokeFunction')),
  's3:TlsVersion': one('number', by('s3:*')),
  's3:if-none-match': one('text', by('s3:PutObject')),
  's3:prefix': one('text', by('s3:ListBucket')),
  's3:x-amz-acl': one('text', by('s3:PutObject')),
  'secretsmanager:resource/AllowRotationLambdaArn': one(
    'arn',
    ({ action, resource }) => by('secretsmanager:*')({ action, resource }) && resource !== '*',
  ),
};
