import { expect, it } from 'vitest';
import {
  functionEntry,
  functionName,
  leaseFunction,
  type Duty,
  type FunctionName,
} from '../../../lambdas/contracts/names.ts';
import { accessOf } from '../../../lambdas/core/access/access-inventory.ts';
import { secretName } from '../../../lambdas/core/credential.ts';
import { mayByIdentity } from '../../rights/one-policy.ts';
import type { Statement } from '../../rights/policy.ts';
import type { Attempt } from '../../rights/request.ts';
import { roleOf, rolesOf, type RoleRights } from '../roles.ts';
import { example } from '../the-example.ts';
import type { Resource, SynthesizedEnvironment } from '../synthesized-environment.ts';
import { text } from '../text-of.ts';

type RealDuty = Exclude<Duty, 'none'>;

const on = (actions: readonly string[], resource: string, context?: Attempt['context']): readonly Attempt[] =>
  actions.map((action) => ({ action, resource, ...(context ? { context } : {}) }));

const dynamo = (...actions: readonly string[]): readonly string[] =>
  actions.map((action) => `dynamodb:${action}`);
const WRITES = dynamo(
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLInsert',
  'PartiQLUpdate',
  'PartiQLDelete',
);
const CHAIN = { 'dynamodb:LeadingKeys': ['chain#vector-store'] };
const TAILS = { 'dynamodb:LeadingKeys': ['tails'] };

/** Every request that would be exercising a duty: whoever may make one of them holds it. */
const ATTEMPTS: { readonly [D in RealDuty]: (environment: SynthesizedEnvironment) => readonly Attempt[] } = {
  rotate: (environment) =>
    secretsOf(environment).flatMap((secret) => [
      ...on(
        ['RotateSecret', 'PutSecretValue', 'UpdateSecret'].map((action) => `secretsmanager:${action}`),
        secret,
      ),
      ...environment.ofType('AWS::Lambda::Function').flatMap(({ properties: { FunctionName: name } }) =>
        on(['secretsmanager:UpdateSecretVersionStage'], secret, {
          'secretsmanager:resource/AllowRotationLambdaArn': `arn:aws:lambda:${environment.region}:${environment.account}:function:${text(name)}`,
        }),
      ),
    ]),
  'append-audit': (environment) => [
    ...[CHAIN, TAILS].flatMap((context) => on(WRITES, auditTable(environment), context)),
    ...on(
      dynamo('DeleteTable', 'UpdateTable', 'RestoreTableToPointInTime', 'PutResourcePolicy'),
      auditTable(environment),
    ),
  ],
  'seal-audit': (environment) => [
    ...on(['kms:Sign'], sealKey(environment)),
    ...on(
      ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObjectRetention'],
      aHead(environment),
    ),
  ],
  // One record by its key is what `append-audit` needs to answer a repeat; reading the log is listing it.
  'read-audit': (environment) => [
    ...on(dynamo('Query', 'BatchGetItem', 'PartiQLSelect'), auditTable(environment), CHAIN),
    ...on(dynamo('Scan', 'ExportTableToPointInTime', 'GetRecords'), auditTable(environment)),
  ],
  // Having one made, making one with what makes them, or being let into a role.
  'issue-leases': (environment) => [
    ...leaseFunctionsOf(environment).flatMap((arn) => on(['lambda:InvokeFunction'], arn)),
    ...leaseAuthoritiesOf(environment).flatMap((secret) => on(['secretsmanager:GetSecretValue'], secret)),
    ...[...leasedRolesOf(environment), `arn:aws:iam::${environment.account}:role/anything`].flatMap((role) =>
      on(['sts:AssumeRole', 'sts:TagSession'], role),
    ),
    ...on(
      ['sts:GetFederationToken', 'sts:GetSessionToken', 'iam:CreateAccessKey'],
      `arn:aws:iam::${environment.account}:user/anybody`,
    ),
  ],
};

const auditTable = (environment: SynthesizedEnvironment): string =>
  arnOf(environment, 'AWS::DynamoDB::GlobalTable', 'audit');
const sealKey = (environment: SynthesizedEnvironment): string =>
  arnOf(environment, 'AWS::KMS::Key', 'audit', ({ KeyUsage: usage }) => usage === 'SIGN_VERIFY');
const aHead = (environment: SynthesizedEnvironment): string =>
  `${arnOf(environment, 'AWS::S3::Bucket', 'audit')}/heads/999999999998-000000000001.json`;

const arnsOfSecrets = (
  { declared: { inventory }, region, account }: SynthesizedEnvironment,
  named: readonly { readonly name: string }[],
): readonly string[] =>
  named.map(
    ({ name }) =>
      `arn:aws:secretsmanager:${region}:${account}:secret:${secretName(inventory.environment, name)}-AbCdEf`,
  );

const leaseAuthoritiesOf = (environment: SynthesizedEnvironment): readonly string[] =>
  arnsOfSecrets(environment, accessOf(environment.declared.inventory).leaseAuthorities);

/** What somebody could rotate: what makes leases is no exception. */
const secretsOf = (environment: SynthesizedEnvironment): readonly string[] => [
  ...arnsOfSecrets(environment, environment.declared.inventory.credentials),
  ...leaseAuthoritiesOf(environment),
];

const leaseFunctionsOf = ({ declared: { inventory }, region, account }: SynthesizedEnvironment) =>
  [...new Set(accessOf(inventory).leasables.map(({ kind }) => leaseFunction(kind)))].map(
    (name) => `arn:aws:lambda:${region}:${account}:function:${functionName(inventory.environment, name)}`,
  );

const leasedRolesOf = ({ declared: { inventory } }: SynthesizedEnvironment): readonly string[] =>
  accessOf(inventory).leasables.flatMap(({ target }) =>
    typeof target['role'] === 'string' && target['role'].startsWith('arn:') ? [target['role']] : [],
  );

function arnOf(
  environment: SynthesizedEnvironment,
  type: string,
  stack: Resource['stack'],
  is: (properties: Resource['properties']) => boolean = () => true,
): string {
  const [found, second] = environment
    .ofType(type)
    .filter((each) => each.stack === stack && is(each.properties));
  if (!found || second) throw new Error(`not one ${type} in ${stack}`);
  return text(environment.resolve(stack, { 'Fn::GetAtt': [found.id, 'Arn'] }));
}

function dutiesOf(
  environment: SynthesizedEnvironment,
  statements: readonly Statement[],
): readonly RealDuty[] {
  const duties = Object.keys(ATTEMPTS) as RealDuty[];
  return duties.filter((duty) =>
    ATTEMPTS[duty](environment).some((attempt) => mayByIdentity(statements, attempt)),
  );
}

const isOfSchedules = (name: string): boolean => ['timers', 'cadence', 'expiries'].includes(name);

const declaredDuty = ({ name }: RoleRights): readonly Duty[] => {
  // Schedules act as roles of their own, which are no functions and have no duty.
  if (isOfSchedules(name)) return [];
  const { duty } = functionEntry(name as FunctionName);
  return duty === 'none' ? [] : [duty];
};

// No role can do two of: issue leases, rotate, append to the audit, seal it, read it.

it('duties: each role can do exactly what its function’s duty says, and so no role can do two', () => {
  for (const environment of example().environments)
    for (const role of rolesOf(environment))
      expect({ role: role.name, can: dutiesOf(environment, role.statements) }).toEqual({
        role: role.name,
        can: declaredDuty(role),
      });
});

it('duties: every duty is held by somebody: the question is not empty', () => {
  for (const environment of example().environments) {
    const held = new Set(rolesOf(environment).flatMap((role) => dutiesOf(environment, role.statements)));
    expect([...held].sort()).toEqual(['append-audit', 'issue-leases', 'read-audit', 'rotate', 'seal-audit']);
  }
});

it.each([
  ['append to the audit', 'dynamodb:PutItem', 'append-audit'],
  ['append to the audit by a wildcard', 'dynamodb:*', 'append-audit'],
  ['seal', 'kms:Sign', 'seal-audit'],
  ['replace heads', 's3:Put*', 'seal-audit'],
  ['read the audit', 'dynamodb:Query', 'read-audit'],
  ['issue leases', 'sts:AssumeRole', 'issue-leases'],
  ['have leases made', 'lambda:InvokeFunction', 'issue-leases'],
  ['read what makes leases', 'secretsmanager:GetSecretValue', 'issue-leases'],
])('duties: a role that rotates and may also %s is found out', (_what, action, duty) => {
  const [environment] = example().environments;
  if (!environment) throw new Error('no environment');
  const { statements } = roleOf(environment, 'target-postgres');
  const more: Statement = { Effect: 'Allow', Action: action, Resource: '*' };
  expect(dutiesOf(environment, [...statements, more])).toContain(duty);
  expect(dutiesOf(environment, [...statements, more]).length).toBeGreaterThan(1);
});

it.each(['grant-lease', 'sweep-leases', 'lease-postgres', 'lease-openai'] as const)(
  'duties: %s issues leases, and would be found out if it could rotate as well',
  (name) => {
    for (const environment of example().environments) {
      const { statements } = roleOf(environment, name);
      expect(dutiesOf(environment, statements)).toEqual(['issue-leases']);
      const [secret] = leaseAuthoritiesOf(environment);
      for (const action of ['RotateSecret', 'PutSecretValue']) {
        const more = { Effect: 'Allow', Action: `secretsmanager:${action}`, Resource: text(secret) } as const;
        expect(dutiesOf(environment, [...statements, more])).toContain('rotate');
      }
    }
  },
);

it('duties: whoever reads the audit changes nothing at all', () => {
  for (const environment of example().environments) {
    const { statements } = roleOf(environment, 'report');
    const actions = new Set(statements.flatMap(({ Action }) => Action));
    expect([...actions].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      'kms:GetPublicKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetObject',
      's3:ListBucket',
      'secretsmanager:DescribeSecret',
      'secretsmanager:ListSecretVersionIds',
      'secretsmanager:ListSecrets',
      'sqs:ChangeMessageVisibility',
      'sqs:ReceiveMessage',
    ]);
  }
});

it('duties: only services that run our functions and schedules can act as our roles', () => {
  for (const environment of example().environments)
    for (const { name, trust } of rolesOf(environment)) {
      const isSchedule = isOfSchedules(name);
      expect(trust.Statement.map(({ Principal, Action }) => ({ Principal, Action }))).toEqual([
        {
          Principal: { Service: isSchedule ? 'scheduler.amazonaws.com' : 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ]);
      const from = trust.Statement[0]?.Condition?.['StringEquals']?.['aws:SourceAccount'];
      expect(from).toBe(isSchedule ? environment.account : undefined);
    }
});

it('duties: has a fixed name under the environment’s path for every role, as earlier policies count on', () => {
  for (const environment of example().environments)
    for (const { arn, name } of rolesOf(environment))
      expect(arn).toBe(
        `arn:aws:iam::${environment.account}:role/lockstep/${environment.name}/lockstep-${environment.name}-${name}`,
      );
});
