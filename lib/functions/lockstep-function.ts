import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionEntry, functionName, type FunctionName } from '../../lambdas/contracts/names.ts';
import { SiteRole } from '../rights/site-role.ts';
import type { Right } from '../rights/right.ts';
import { arnAt, type Site } from '../site.ts';
import { environmentKeyOf, type EnvironmentKeyOf, type Variables } from './environment-key.ts';
import { FUNCTION_SETTINGS } from './function-settings.ts';

/** Properties of a `LockstepFunction`. */
export interface LockstepFunctionProps<N extends FunctionName> {
  readonly site: Site;
  /** Which function it is: its handler, duty, role and settings follow from the name. */
  readonly name: N;
  /** A value for each variable that its handler reads. */
  readonly environment: Variables<EnvironmentKeyOf<N>>;
  /** What its role may do besides writing its own log. */
  readonly rights: readonly Right[];
}

/** One Lambda function with a role of its own: one function per privilege. */
export class LockstepFunction<N extends FunctionName> extends Construct {
  readonly function: LambdaFunction;
  readonly role: SiteRole;

  constructor(scope: Construct, id: string, { site, name, environment, rights }: LockstepFunctionProps<N>) {
    super(scope, id);
    const fullName = functionName(site.inventory.environment, name);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${fullName}`,
      retention: RetentionDays.THREE_MONTHS,
      // It holds ids and codes only; what must be kept is in the audit.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new SiteRole(this, 'Rights', {
      site,
      name,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: functionEntry(name).does,
    });
    this.role.allow(mayLog(site, fullName), ...rights);
    const settings = FUNCTION_SETTINGS[environmentKeyOf(name)];
    this.function = new LambdaFunction(this, 'Function', {
      functionName: fullName,
      description: functionEntry(name).does,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: site.code.of(name, site.inventory),
      role: this.role.role,
      logGroup,
      timeout: Duration.seconds(settings.timeoutSeconds),
      memorySize: settings.memoryMegabytes,
      ...(settings.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: settings.reservedConcurrency }),
      environment: {
        ...environment,
        LOCKSTEP_ENVIRONMENT: site.inventory.environment,
        LOCKSTEP_FUNCTION: name,
        // For the runtime, not for the handler: a crash tells files and lines instead of columns of one long line.
        NODE_OPTIONS: '--enable-source-maps',
      },
    });
    acknowledgeFunction(this);
  }
}

const mayLog = (site: Site, fullName: string): Right => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [arnAt(site, 'logs', `log-group:/aws/lambda/${fullName}:log-stream:*`)],
  because:
    'Lambda names the streams of its log group as it starts environments; the group is this function’s own',
});

function acknowledgeFunction(construct: Construct): void {
  const synchronous =
    'nobody invokes it and goes away: it is fed by a queue or stream with dead letters of its own, or its caller waits for the answer; Secrets Manager reports a failed step and runs it again';
  Validations.of(construct).acknowledge(
    { id: 'Serverless-LambdaDLQ', reason: synchronous },
    { id: 'Serverless-LambdaAsyncFailureDestination', reason: synchronous },
    {
      id: 'Serverless-LambdaTracing',
      reason:
        'X-Ray asks for a right on every resource; rotation ids in logs, metrics and the audit already tie the functions together',
    },
  );
}
