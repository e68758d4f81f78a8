import type { Attempt } from '../request.ts';
import type { Apart, Vector } from '../vectors.ts';

const ENCRYPTION_CONTEXT: Apart = {
  because: 'it knows no pair of an encryption context by its own name',
  page: 'https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context',
};

const LIST_STREAMS: Apart = {
  because: 'it wants the resource * for it; AWS’s own template of this right names the streams of the table',
  page: 'https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html#dynamo-db-stream-read-policy',
};

/** What the simulator cannot be asked. Whether that is still so is tested with it. */
export function apartOf({
  action,
  context = {},
}: Pick<Attempt, 'action' | 'context'>): Pick<Vector, 'apart'> {
  const tellsContext = Object.entries(context).some(
    ([name, value]) => name.startsWith('kms:EncryptionContext:') && value !== null,
  );
  if (tellsContext) return { apart: { simulator: ENCRYPTION_CONTEXT } };
  return action === 'dynamodb:ListStreams' ? { apart: { simulator: LIST_STREAMS } } : {};
}
