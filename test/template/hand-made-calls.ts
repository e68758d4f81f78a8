import type { RecordedCall } from '../beds/rights/recorded-call.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import { LEDGER_TABLE, AUDIT_TABLE } from '../../lambdas/contracts/tables.ts';
import type { SynthesizedEnvironment } from './synthesized-environment.ts';
import { text } from './text-of.ts';

type Parameters = RecordedCall['parameters'];

const call =
  (application: string) =>
  (service: string, action: string, parameters: Parameters): RecordedCall => ({
    application,
    service,
    action,
    parameters,
  });

/** At least one of every kind of call that our adapters make, as a proxy would record it; a short life of one credential. */
export function handMadeCalls(environment: SynthesizedEnvironment): readonly RecordedCall[] {
  const names = namesIn(environment);
  return [
    ...adopted(names),
    ...started(names),
    ...changed(names),
    ...wentOn(names),
    ...told(names),
    ...watched(names),
    ...written(names),
    ...lookedAfter(names),
    ...leased(names),
    ...swept(names),
  ];
}

type Names = ReturnType<typeof namesIn>;

function namesIn(environment: SynthesizedEnvironment) {
  const { name, region, account } = environment;
  const refTo = (type: string, stack: string, is: (properties: object) => boolean = () => true): string => {
    const found = environment.ofType(type).find((each) => each.stack === stack && is(each.properties));
    return text(environment.resolve(found?.stack ?? 'audit', { Ref: found?.id }));
  };
  const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${account}:${rest}`;
  const own = (what: string): string => `lockstep-${name}-${what}`;
  return {
    arn,
    own,
    functionArn: (what: string): string => arn('lambda', `function:${own(what)}`),
    queueUrl: (what: string): string => `http://127.0.0.1:4566/${account}/${own(what)}`,
    secret: secretName(name, 'vector-store'),
    heartbeat: `lockstep/${name}/heartbeat`,
    signingKey: secretName(name, 'rag-api-hook'),
    ledger: refTo('AWS::DynamoDB::GlobalTable', 'rotation'),
    audit: refTo('AWS::DynamoDB::GlobalTable', 'audit'),
    heads: refTo('AWS::S3::Bucket', 'audit'),
    sealKey: arn('kms', `key/${refTo('AWS::KMS::Key', 'audit', (it) => 'KeySpec' in it)}`),
    timersRole: `arn:aws:iam::${account}:role/lockstep/${name}/${own('timers')}`,
    expiriesRole: `arn:aws:iam::${account}:role/lockstep/${name}/${own('expiries')}`,
    leaseAuthority: secretName(name, 'rag-db-leases'),
  };
}

const key = (partition: string, sort: string): Parameters => ({
  [LEDGER_TABLE.partitionKey]: { S: partition },
  [LEDGER_TABLE.sortKey]: { S: sort },
});

const get = (by: string, table: string, partition: string): RecordedCall =>
  call(by)('dynamodb', 'GetItem', { TableName: table, Key: key(partition, '1'), ConsistentRead: true });

const list = (by: string, table: string, partition: string, more = ''): RecordedCall =>
  call(by)('dynamodb', 'Query', {
    TableName: table,
    KeyConditionExpression: `#pk = :pk${more}`,
    ExpressionAttributeNames: { '#pk': LEDGER_TABLE.partitionKey, '#sk': LEDGER_TABLE.sortKey },
    ExpressionAttributeValues: { ':pk': { S: partition }, ':from': { S: '1' }, ':last': { S: '9' } },
  });

const write = (by: string, table: string, ...partitions: readonly string[]): RecordedCall =>
  call(by)('dynamodb', 'TransactWriteItems', {
    TransactItems: partitions.map((partition) => ({ Put: { TableName: table, Item: key(partition, '1') } })),
  });

const changeRows = (
  by: string,
  table: string,
  put: readonly string[],
  removed: readonly string[],
): RecordedCall =>
  call(by)('dynamodb', 'TransactWriteItems', {
    TransactItems: [
      ...put.map((partition) => ({ Put: { TableName: table, Item: key(partition, '1') } })),
      ...removed.map((partition) => ({ Delete: { TableName: table, Key: key(partition, '1') } })),
    ],
  });

const appended = (by: string, { functionArn }: Names): RecordedCall =>
  call(by)('lambda', 'Invoke', { FunctionName: functionArn('append-audit') });

const putOn = (by: string, { own }: Names, ...types: readonly string[]): RecordedCall =>
  call(by)('events', 'PutEvents', {
    Entries: types.map((type) => ({ EventBusName: own('bus'), Source: 'lockstep', DetailType: type })),
  });

const OUTBOX = LEDGER_TABLE.outboxPartition;

const adopted = (names: Names): readonly RecordedCall[] => [
  call('operate')('secretsmanager', 'DescribeSecret', { SecretId: names.secret }),
  call('operate')('secretsmanager', 'RotateSecret', {
    SecretId: names.secret,
    RotationLambdaARN: names.functionArn('target-postgres'),
    RotateImmediately: false,
  }),
  call('operate')('lambda', 'Invoke', { FunctionName: names.functionArn('target-postgres') }),
  write('operate', names.ledger, 'credential#vector-store', OUTBOX),
  putOn('operate', names, 'page.requested'),
  call('operate')('sqs', 'GetQueueAttributes', { QueueUrl: names.queueUrl('reconcile-dead-letters') }),
  call('operate')('sqs', 'StartMessageMoveTask', {
    SourceArn: names.arn('sqs', names.own('reconcile-dead-letters')),
    DestinationArn: names.arn('sqs', names.own('reconcile')),
  }),
  call('operate')('sqs', 'ListMessageMoveTasks', {
    SourceArn: names.arn('sqs', names.own('reconcile-dead-letters')),
  }),
];

const started = (names: Names): readonly RecordedCall[] => [
  get('request-rotation', names.ledger, 'credential#vector-store'),
  write('request-rotation', names.ledger, 'rotation#vector-store', OUTBOX),
  appended('request-rotation', names),
  call('start-rotation')('secretsmanager', 'RotateSecret', { SecretId: names.secret }),
  call('start-rotation')('sqs', 'ChangeMessageVisibility', { QueueUrl: names.queueUrl('start-rotation') }),
];

const changed = (names: Names): readonly RecordedCall[] => {
  const by = call('target-postgres');
  return [
    by('secretsmanager', 'GetSecretValue', {
      SecretId: names.arn('secretsmanager', `secret:${names.secret}-cb05e5`),
    }),
    by('secretsmanager', 'PutSecretValue', { SecretId: names.secret, VersionStages: ['AWSPENDING'] }),
    by('secretsmanager', 'UpdateSecretVersionStage', { SecretId: names.secret, VersionStage: 'AWSCURRENT' }),
    get('target-postgres', names.ledger, 'rotation#vector-store'),
    write('target-postgres', names.ledger, 'lock#vector-store', 'expectation#vector-store', OUTBOX),
    appended('target-postgres', names),
  ];
};

const wentOn = (names: Names): readonly RecordedCall[] => {
  const timer = {
    Name: 'deadline-1',
    GroupName: names.own('timers'),
    Target: {
      Arn: names.arn('events', `event-bus/${names.own('bus')}`),
      RoleArn: names.timersRole,
      EventBridgeParameters: { Source: 'lockstep', DetailType: 'rotation.advanced' },
      DeadLetterConfig: { Arn: names.arn('sqs', names.own('timers-dead-letters')) },
    },
  };
  return [
    call('advance-rotation')('scheduler', 'CreateSchedule', timer),
    call('advance-rotation')('scheduler', 'UpdateSchedule', timer),
    call('advance-rotation')('scheduler', 'DeleteSchedule', {
      Name: 'deadline-1',
      groupName: names.own('timers'),
    }),
    call('advance-rotation')('lambda', 'Invoke', { FunctionName: names.own('target-postgres') }),
    list('publish-outbox', names.ledger, OUTBOX),
    putOn('publish-outbox', names, 'rotation.advanced', 'credential.changed'),
    call('publish-outbox')('dynamodb', 'BatchWriteItem', {
      RequestItems: { [names.ledger]: [{ DeleteRequest: { Key: key(OUTBOX, '1') } }] },
    }),
  ];
};

const told = (names: Names): readonly RecordedCall[] => [
  call('tell-webhook')('secretsmanager', 'GetSecretValue', { SecretId: names.signingKey }),
  write('tell-webhook', names.ledger, 'delivery#vector-store'),
  get('acknowledge', names.ledger, 'expectation#vector-store'),
  write('acknowledge', names.ledger, 'acknowledgement#vector-store', OUTBOX),
];

const watched = (names: Names): readonly RecordedCall[] => [
  write('detect-access', names.ledger, 'finding#vector-store', OUTBOX),
  call('take-pulse')('secretsmanager', 'GetSecretValue', { SecretId: names.heartbeat }),
  call('take-pulse')('secretsmanager', 'ListSecretVersionIds', { SecretId: names.leaseAuthority }),
  call('take-pulse')('s3', 'ListObjectsV2', { Bucket: names.heads, prefix: 'heads/', 'max-keys': '1' }),
  call('take-pulse')('sqs', 'ReceiveMessage', { QueueUrl: names.queueUrl('seal-audit-dead-letters') }),
  call('take-pulse')('sqs', 'ChangeMessageVisibilityBatch', {
    QueueUrl: names.queueUrl('seal-audit-dead-letters'),
  }),
  call('page-on-call')('sns', 'Publish', { TopicArn: names.arn('sns', names.own('on-call')) }),
];

const written = (names: Names): readonly RecordedCall[] => {
  const head = { Bucket: names.heads, Key: 'heads/999999999998-000000000001.json' };
  return [
    get('append-audit', names.audit, 'chain#vector-store'),
    write('append-audit', names.audit, 'chain#vector-store', AUDIT_TABLE.tailsPartition),
    list('seal-audit', names.audit, AUDIT_TABLE.tailsPartition),
    call('seal-audit')('kms', 'GetPublicKey', { KeyId: names.sealKey }),
    call('seal-audit')('kms', 'Sign', { KeyId: names.sealKey, MessageType: 'RAW' }),
    call('seal-audit')('s3', 'GetObject', head),
    { ...call('seal-audit')('s3', 'PutObject', head), request: { headers: { 'if-none-match': '*' } } },
  ];
};

const lookedAfter = (names: Names): readonly RecordedCall[] => [
  call('report')('secretsmanager', 'ListSecrets', { MaxResults: 100 }),
  call('report')('secretsmanager', 'ListSecretVersionIds', { SecretId: names.leaseAuthority }),
  list('report', names.audit, 'chain#vector-store', ' AND #sk BETWEEN :from AND :last'),
  call('reconcile')('secretsmanager', 'DescribeSecret', { SecretId: names.secret }),
  write('reconcile', names.ledger, 'intent#vector-store'),
];

const leased = (names: Names): readonly RecordedCall[] => {
  const by = 'grant-lease';
  const expiry = {
    Name: 'lease-1',
    GroupName: names.own('expiries'),
    Target: {
      Arn: names.arn('events', `event-bus/${names.own('bus')}`),
      RoleArn: names.expiriesRole,
      EventBridgeParameters: { Source: 'lockstep', DetailType: 'lease.due' },
      DeadLetterConfig: { Arn: names.arn('sqs', names.own('expiries-dead-letters')) },
    },
  };
  return [
    get(by, names.ledger, 'lease-quota#leasable:vector-reader'),
    list(by, names.ledger, 'lease-index#leasable:vector-reader'),
    write(
      by,
      names.ledger,
      'lease#1',
      'lease-due#2026-11-28T16:40',
      'lease-quota#leasable:vector-reader',
      OUTBOX,
    ),
    appended(by, names),
    call(by)('lambda', 'Invoke', { FunctionName: names.own('lease-postgres') }),
    call('lease-postgres')('secretsmanager', 'GetSecretValue', { SecretId: names.leaseAuthority }),
    changeRows(by, names.ledger, ['lease#1', 'lease-due#2026-11-28T16:50'], ['lease-due#2026-11-28T16:40']),
    call(by)('scheduler', 'CreateSchedule', expiry),
    call(by)('scheduler', 'UpdateSchedule', expiry),
  ];
};

const swept = (names: Names): readonly RecordedCall[] => {
  const by = 'sweep-leases';
  return [
    get(by, names.ledger, 'lease-swept#all'),
    list(by, names.ledger, 'lease-due#2026-11-28T16:50'),
    changeRows(
      by,
      names.ledger,
      ['lease#1', 'lease-ending#rag-db-leases', OUTBOX],
      ['lease-due#2026-11-28T16:50'],
    ),
    call(by)('lambda', 'Invoke', { FunctionName: names.own('lease-postgres') }),
    appended(by, names),
    call(by)('sqs', 'ChangeMessageVisibility', { QueueUrl: names.queueUrl('sweep-leases') }),
  ];
};
