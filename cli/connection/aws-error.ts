import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import type { Stage } from '../workspace/find-stage.ts';
import type { Door } from './doors.ts';

/** What the SDK calls credentials that are not there, have run out, or are nobody's. */
const NO_CREDENTIALS: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError']);
const BAD_CREDENTIALS: ReadonlySet<string> = new Set([
  'ExpiredTokenException',
  'ExpiredToken',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignatureException',
]);

/** A failed call to AWS on the way to a function, in our words. The SDK's own text is not repeated. */
export function awsError(
  error: unknown,
  { environment, account, region }: Stage,
  { name, policy }: Door,
): LockstepError {
  const seen = foreignName(error);
  const unreachable = (message: string): LockstepError => new LockstepError('NOTHING_REACHABLE', message);
  if (NO_CREDENTIALS.has(seen))
    return unreachable(
      'no AWS credentials were found; sign in (aws sso login), or choose a profile with AWS_PROFILE',
    );
  if (BAD_CREDENTIALS.has(seen))
    return unreachable(
      `AWS does not take your credentials (${seen}); sign in again, and see that the clock is right`,
    );
  if (seen === 'ResourceNotFoundException')
    return unreachable(
      `there is no function ${name} of ${environment} in account ${account}, ${region}; deploy it first: npx cdk deploy`,
    );
  if (seen === 'AccessDeniedException')
    return new LockstepError(
      'NOT_BOUND',
      `your credentials may not find the function ${name} of ${environment} in account ${account}; they need the policy ` +
        `${policy}, and have to be of that account`,
    );
  return unreachable(`AWS Lambda in ${region} gave no usable answer (${seen})`);
}

/** An answer of a function URL that is none of ours: AWS itself refused, or the function broke. */
export function urlRefusal(status: number, { environment }: Stage, { name, policy }: Door): LockstepError {
  if (status === 403 || status === 401)
    return new LockstepError(
      'NOT_BOUND',
      `AWS refused the call of ${name} of ${environment} (${status}); your principal needs the policy ${policy}. A session ` +
        'that has run out and a wrong clock are refused in the same way',
    );
  const log = `the log group /aws/lambda/lockstep-${environment}-${name} has the moment`;
  return new LockstepError(
    'NOTHING_REACHABLE',
    `${name} of ${environment} gave no usable answer (${status}); ${log}`,
  );
}
