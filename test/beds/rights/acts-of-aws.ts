import type { Resource, SynthesizedEnvironment } from '../../template/synthesized-environment.ts';
import { text } from '../../template/text-of.ts';
import { asker, type Asked } from './asked.ts';
import { whenItFires, type ScheduleTarget } from './calls/scheduler.ts';
import { find, type Reached, type Site } from './site-of.ts';
import { throughKms } from './through-kms.ts';

/** Something that AWS does with our roles by itself: no function calls it, so no recording shows it. */
interface ActOfAws {
  readonly what: string;
  readonly page: string;
  /** The type of resource because of which it is done. */
  readonly becauseOf: string;
  readonly asks: (resource: Resource, around: Around) => readonly Asked[];
}

interface Around {
  readonly site: Site;
  readonly environment: SynthesizedEnvironment;
  /** Makes a question of the role of the function that the resource belongs to, with this act's page. */
  readonly by: (role: string) => ReturnType<typeof asker>;
}

/**
 * All of it, each with its page of AWS. What a schedule does that a function makes at run time follows from that call
 * (calls/scheduler.ts); what SQS moves, from the order to move it (calls/queues.ts).
 */
const ACTS: readonly ActOfAws[] = [
  {
    what: 'Lambda runs a function as its role',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
    becauseOf: 'AWS::Lambda::Function',
    asks: ({ properties }, { site }) => [
      asker('service:lambda.amazonaws.com', site.account)('sts:AssumeRole', text(properties['Role']), {
        'aws:SourceAccount': null,
        'aws:SourceArn': null,
      }),
    ],
  },
  {
    what: 'Lambda delivers what a function logs',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html',
    becauseOf: 'AWS::Lambda::Function',
    asks: ({ properties }, { site, by }) => {
      const { LogGroup: group } = properties['LoggingConfig'] as { readonly LogGroup: string };
      const stream = site.arn('logs', `log-group:${group}:log-stream:2027/01/01/[$LATEST]0a1b2c`);
      return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) =>
        by(text(properties['Role']))(action, stream),
      );
    },
  },
  {
    what: 'Lambda makes network interfaces for a function that lies in a VPC',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html',
    becauseOf: 'AWS::Lambda::Function',
    asks: ({ properties }, { by }) =>
      properties['VpcConfig'] === undefined
        ? []
        : [
            'CreateNetworkInterface',
            'DescribeNetworkInterfaces',
            'DescribeSubnets',
            'DeleteNetworkInterface',
            'AssignPrivateIpAddresses',
            'UnassignPrivateIpAddresses',
          ].map((action) => by(text(properties['Role']))(`ec2:${action}`, '*')),
  },
  {
    what: 'Lambda takes messages from a function’s queue',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
    becauseOf: 'AWS::Lambda::EventSourceMapping',
    asks: ({ properties }, { site, environment, by }) => {
      const source = text(properties['EventSourceArn']);
      if (!source.includes(':sqs:')) return [];
      const role = roleBehind(environment, properties);
      const queue = find(site.queues, source, 'queue');
      return [
        ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) =>
          by(role)(`sqs:${action}`, queue.arn),
        ),
        ...throughKms(site, role, 'sqs', queue, 'read'),
      ];
    },
  },
  {
    what: 'Lambda reads a table’s stream for a function',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-permissions.html',
    becauseOf: 'AWS::Lambda::EventSourceMapping',
    asks: ({ properties }, { site, environment, by }) => {
      const source = text(properties['EventSourceArn']);
      const table = site.tables.find(({ arn }) => source.startsWith(`${arn}/stream/`));
      if (!table) return [];
      const role = roleBehind(environment, properties);
      return [
        ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) =>
          by(role)(`dynamodb:${action}`, source),
        ),
        ...throughKms(site, role, 'dynamodb', table, 'read'),
      ];
    },
  },
  {
    what: 'Lambda keeps what a function could not do with records of a stream',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html',
    becauseOf: 'AWS::Lambda::EventSourceMapping',
    asks: ({ properties }, { site, environment, by }) => {
      const { OnFailure: failed } = (properties['DestinationConfig'] ?? {}) as {
        readonly OnFailure?: { readonly Destination: string };
      };
      if (!failed) return [];
      const role = roleBehind(environment, properties);
      const queue: Reached = find(site.queues, failed.Destination, 'queue');
      return [by(role)('sqs:SendMessage', queue.arn), ...throughKms(site, role, 'sqs', queue, 'write')];
    },
  },
  {
    what: 'Secrets Manager runs the function that rotates a secret',
    page: 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html',
    becauseOf: 'AWS::Lambda::Permission',
    asks: ({ properties }, { site }) =>
      isOfUrl(properties)
        ? []
        : [
            asker('service:secretsmanager.amazonaws.com', site.account)(
              'lambda:InvokeFunction',
              text(properties['FunctionName']),
              {
                'aws:SourceAccount': site.account,
                'aws:SourceArn': null,
                'lambda:InvokedViaFunctionUrl': null,
              },
            ),
          ],
  },
  {
    what: 'Scheduler fires the schedules that are deployed',
    page: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html',
    becauseOf: 'AWS::Scheduler::Schedule',
    asks: ({ properties }, { site }) =>
      whenItFires(site, text(properties['GroupName']), properties['Target'] as unknown as ScheduleTarget),
  },
];

/** The questions that AWS puts to IAM for what it does by itself, in one environment. */
export const askedByAws = (environment: SynthesizedEnvironment, site: Site): readonly Asked[] =>
  ACTS.flatMap(({ page, becauseOf, asks }) =>
    environment
      .ofType(becauseOf)
      .flatMap((resource) =>
        asks(resource, { site, environment, by: (role) => asker(role, site.account, page) }),
      ),
  );

/** Whether a permission is for callers of a URL; every other one is for Secrets Manager (test/template judges both). */
const isOfUrl = (properties: Resource['properties']): boolean =>
  properties['FunctionUrlAuthType'] !== undefined || properties['InvokedViaFunctionUrl'] !== undefined;

/** The role of the function that a mapping feeds. */
function roleBehind(
  environment: SynthesizedEnvironment,
  { FunctionName: name }: Resource['properties'],
): string {
  const found = environment
    .ofType('AWS::Lambda::Function')
    .find(({ properties }) => properties['FunctionName'] === name);
  return text(found?.properties['Role']);
}
