import { ACCOUNT, secret } from './a-workspace.ts';

/** What a test says of a call; the rest is as CloudTrail writes it. */
export interface Call {
  readonly by: string;
  readonly of?: string | readonly string[];
  readonly call?: string;
  readonly at: string;
  readonly id: string;
  readonly refused?: boolean;
  readonly errorCode?: string;
  readonly version?: string;
  readonly stage?: string;
}

/** A CloudTrail record in its envelope, refusals without parameters. */
export function aRecord({ by, of = secret('vector-store'), call = 'GetSecretValue', ...rest }: Call): object {
  const { at, id, refused = false, errorCode, version, stage } = rest;
  const named = typeof of === 'string' ? { secretId: of } : { secretIdList: of };
  const code = refused ? 'AccessDenied' : errorCode;
  return {
    version: '0',
    id: `envelope-${id}`,
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.secretsmanager',
    account: ACCOUNT,
    time: at,
    region: 'eu-central-1',
    resources: [],
    detail: {
      eventVersion: '1.11',
      userIdentity: userIdentity(by),
      eventTime: `${at.slice(0, 19)}Z`,
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: call,
      awsRegion: 'eu-central-1',
      sourceIPAddress: '203.0.113.7',
      requestParameters: refused
        ? null
        : {
            ...named,
            ...(version === undefined ? {} : { versionId: version }),
            ...(stage === undefined ? {} : { versionStage: stage }),
          },
      responseElements: null,
      ...(code === undefined ? {} : { errorCode: code }),
      ...(refused ? { errorMessage: refusal(call, of) } : {}),
      eventID: id,
      eventType: 'AwsApiCall',
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    },
  };
}

const refusal = (call: string, of: string | readonly string[]): string =>
  `User: somebody is not authorized to perform: secretsmanager:${call} on resource: ${String(of)} because no identity-based policy allows it`;

function userIdentity(principal: string): object {
  if (principal.endsWith(':root')) return { type: 'Root', arn: principal, accountId: ACCOUNT };
  if (principal.includes(':user/')) return { type: 'IAMUser', arn: principal, accountId: ACCOUNT };
  const name = principal.split(/[/:]/).at(-1);
  return {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/session`,
    accountId: ACCOUNT,
    sessionContext: { sessionIssuer: { type: 'Role', arn: principal, accountId: ACCOUNT } },
  };
}
