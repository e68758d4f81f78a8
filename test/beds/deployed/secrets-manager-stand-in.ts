import { createHash } from 'node:crypto';
import type { AwsCall } from '../proxy/aws-call.ts';
import { errorAnswer, jsonAnswer, type BedAnswer, type Interceptor } from '../proxy/bed-proxy.ts';

/** How a rotation is started and configured: what plays Secrets Manager's part behind `RotateSecret`. */
export interface RotationStarter {
  start(call: {
    readonly secretId: string;
    readonly token: string;
    readonly immediately: boolean;
    readonly functionArn?: string;
    readonly everyDays?: number;
  }): Promise<{ readonly arn: string }>;
  /** The function and interval that were configured for a secret. */
  configured(arn: string): { readonly functionArn: string; readonly everyDays: number } | undefined;
}

interface Described {
  readonly ARN?: string;
  readonly RotationEnabled?: boolean;
}

/**
 * What the bed's Secrets Manager does otherwise than AWS's, put right between caller and bed. Each part is a row of
 * deviations.md; nothing else of the bed is touched.
 */
export function secretsManagerStandIn(starter: RotationStarter): Interceptor {
  const digests = new Map<string, string>();
  return async (call, pass) => {
    if (call.service !== 'secretsmanager') return pass(call);
    switch (call.action) {
      case 'RotateSecret':
        return rotate(starter, call);
      case 'GetSecretValue':
        return withoutValueless(await pass(call));
      case 'PutSecretValue':
        return onceEach(digests, call, pass);
      case 'DescribeSecret':
        return described(starter, await pass(call));
      default:
        return pass(call);
    }
  };
}

const contentOf = ({ body }: BedAnswer): unknown => JSON.parse(body.toString('utf8'));

/** The bed's own only moves labels. */
async function rotate(starter: RotationStarter, { parameters }: AwsCall): Promise<BedAnswer> {
  const { SecretId, ClientRequestToken, RotateImmediately, RotationLambdaARN, RotationRules } =
    parameters as {
      readonly SecretId: string;
      readonly ClientRequestToken: string;
      readonly RotateImmediately?: boolean;
      readonly RotationLambdaARN?: string;
      readonly RotationRules?: { readonly AutomaticallyAfterDays?: number };
    };
  try {
    const { arn } = await starter.start({
      secretId: SecretId,
      token: ClientRequestToken,
      immediately: RotateImmediately ?? true,
      ...(RotationLambdaARN === undefined ? {} : { functionArn: RotationLambdaARN }),
      ...(RotationRules?.AutomaticallyAfterDays === undefined
        ? {}
        : { everyDays: RotationRules.AutomaticallyAfterDays }),
    });
    return jsonAnswer(200, { ARN: arn, VersionId: ClientRequestToken });
  } catch {
    return errorAnswer(
      'InvalidRequestException',
      'A previous rotation is not complete, or none is configured.',
    );
  }
}

/** AWS finds no value where none was put; the bed answers without one. */
function withoutValueless(answer: BedAnswer): BedAnswer {
  if (answer.status !== 200) return answer;
  const { SecretString, SecretBinary } = contentOf(answer) as Readonly<Record<string, unknown>>;
  if (SecretString !== undefined || SecretBinary !== undefined) return answer;
  return errorAnswer(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret value for staging label or version.",
  );
}

/** AWS refuses another value under a token that has one; the bed overwrites it. */
async function onceEach(
  digests: Map<string, string>,
  call: AwsCall,
  pass: (call: AwsCall) => Promise<BedAnswer>,
): Promise<BedAnswer> {
  const { ClientRequestToken: token, SecretString: value } = call.parameters;
  if (typeof token !== 'string' || typeof value !== 'string') return pass(call);
  const digest = createHash('sha256').update(value).digest('hex');
  const known = digests.get(token);
  if (known !== undefined && known !== digest)
    return errorAnswer('ResourceExistsException', 'A resource with the ID you requested already exists.');
  // Taken before the bed is asked: of two at once the second one is refused.
  digests.set(token, digest);
  if (known !== undefined) return jsonAnswer(200, { VersionId: token });
  return pass(call);
}

/** AWS says nothing of rotation until it was configured once; the bed says that it is off. */
function described(starter: RotationStarter, answer: BedAnswer): BedAnswer {
  if (answer.status !== 200) return answer;
  const { RotationEnabled: _bedsOwn, ...rest } = contentOf(answer) as Described;
  const configured = rest.ARN === undefined ? undefined : starter.configured(rest.ARN);
  if (!configured) return jsonAnswer(200, rest);
  return jsonAnswer(200, {
    ...rest,
    RotationEnabled: true,
    RotationLambdaARN: configured.functionArn,
    RotationRules: { AutomaticallyAfterDays: configured.everyDays },
  });
}
