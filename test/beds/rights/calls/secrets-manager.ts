import { NotUnderstood } from '../../../rights/not-understood.ts';
import { asker, type Asked } from '../asked.ts';
import { nameOf, optionalTextIn, textIn, type RecordedCall } from '../recorded-call.ts';
import { find, type Reached, type Site } from '../site-of.ts';
import { throughKms } from '../through-kms.ts';
import type { Caller, Translation } from './translation.ts';

const ON_A_SECRET = new Set([
  'DescribeSecret',
  'ListSecretVersionIds',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'RotateSecret',
]);

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html */
export const secretsManagerCalls: Translation = (call, caller) => {
  const { site, role, rotatedBy } = caller;
  const ask = asker(role, site.account);
  // It lists an account or nothing.
  if (call.action === 'ListSecrets') return [ask('secretsmanager:ListSecrets', '*')];
  if (!ON_A_SECRET.has(call.action)) throw new NotUnderstood(`${nameOf(call)} is not described`);
  const secret = secretOf(call, site);
  const context = { 'secretsmanager:resource/AllowRotationLambdaArn': rotatedBy.get(secret.arn) ?? null };
  return [ask(`secretsmanager:${call.action}`, secret.arn, context), ...behind(call, caller, secret)];
};

/** By its name, or by its ARN, in which six letters follow the name that nobody here has to know. */
function secretOf(call: RecordedCall, site: Site): Reached {
  const given = textIn(call, 'SecretId');
  const name = /^arn:aws:secretsmanager:[^:]+:\d{12}:secret:(.+)-\w{6}$/.exec(given)?.[1];
  return find(site.secrets, name ?? given, 'secret');
}

function behind(call: RecordedCall, caller: Caller, secret: Reached): readonly Asked[] {
  const { site, role } = caller;
  if (call.action === 'GetSecretValue') return throughKms(site, role, 'secretsmanager', secret, 'read');
  if (call.action === 'PutSecretValue') return throughKms(site, role, 'secretsmanager', secret, 'write');
  return call.action === 'RotateSecret' ? [mayInvoke(call, caller, secret)] : [];
}

/** Whoever rotates has to be allowed to run the function: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html */
function mayInvoke(call: RecordedCall, { site, role, rotatedBy }: Caller, secret: Reached): Asked {
  const target = configuredBy(call) ?? rotatedBy.get(secret.arn);
  if (target === undefined)
    throw new NotUnderstood(
      `${nameOf(call)} names no function, and no call before it says which one rotates ${secret.name}`,
    );
  const page = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html';
  const ask = asker(role, site.account, page);
  return ask('lambda:InvokeFunction', target, { 'lambda:InvokedViaFunctionUrl': null });
}

const configuredBy = (call: RecordedCall): string | undefined => optionalTextIn(call, 'RotationLambdaARN');

/** Which function rotates which secret once this call was answered: the secret's ARN and the function's. */
export function rotationConfigured(
  call: RecordedCall,
  { site }: Pick<Caller, 'site'>,
): readonly [string, string] | undefined {
  if (call.service !== 'secretsmanager' || call.action !== 'RotateSecret' || (call.status ?? 200) >= 300)
    return undefined;
  const target = configuredBy(call);
  return target === undefined ? undefined : [secretOf(call, site).arn, target];
}
