import { NotUnderstood } from '../../../rights/not-understood.ts';
import { asker } from '../asked.ts';
import { nameOf, optionalTextIn, textIn, type RecordedCall } from '../recorded-call.ts';
import { find } from '../site-of.ts';
import { throughKms } from '../through-kms.ts';
import type { Translation } from './translation.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const lambdaCalls: Translation = (call, { site, role }) => {
  if (call.action !== 'Invoke') throw new NotUnderstood(`${nameOf(call)} is not described`);
  const given = textIn(call, 'FunctionName');
  const arn = given.startsWith('arn:') ? given : site.arn('lambda', `function:${given}`);
  const qualifier = optionalTextIn(call, 'Qualifier');
  const target = qualifier === undefined ? arn : `${arn}:${qualifier}`;
  const ask = asker(role, site.account);
  return [ask('lambda:InvokeFunction', target, { 'lambda:InvokedViaFunctionUrl': null })];
};

/** Called by ourselves, and not through a service (https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html). */
export const kmsCalls: Translation = (call, { site, role }) => {
  if (call.action !== 'Sign' && call.action !== 'GetPublicKey')
    throw new NotUnderstood(`${nameOf(call)} is not described`);
  const given = textIn(call, 'KeyId');
  const key = given.startsWith('arn:') ? given : site.arn('kms', `key/${given}`);
  const context = { 'kms:CallerAccount': site.account, 'kms:ViaService': null };
  return [asker(role, site.account)(`kms:${call.action}`, key, context)];
};

/** https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html */
export const topicCalls: Translation = (call, { site, role }) => {
  if (call.action !== 'Publish') throw new NotUnderstood(`${nameOf(call)} is not described`);
  const topic = find(site.topics, textIn(call, 'TopicArn'), 'topic');
  return [
    asker(role, site.account)('sns:Publish', topic.arn),
    ...throughKms(site, role, 'sns', topic, 'write'),
  ];
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
export const bucketCalls: Translation = (call, { site, role }) => {
  const bucket = find(site.buckets, textIn(call, 'Bucket'), 'bucket');
  const ask = asker(role, site.account);
  const tls = { 's3:TlsVersion': '1.3' };
  if (call.action === 'ListObjectsV2') {
    const prefix = optionalTextIn(call, 'Prefix', 'prefix') ?? null;
    return [ask('s3:ListBucket', bucket.arn, { ...tls, 's3:prefix': prefix })];
  }
  const object = `${bucket.arn}/${textIn(call, 'Key')}`;
  if (call.action === 'GetObject')
    return [ask('s3:GetObject', object, tls), ...throughKms(site, role, 's3', bucket, 'read')];
  if (call.action !== 'PutObject') throw new NotUnderstood(`${nameOf(call)} is not described`);
  const context = {
    ...tls,
    's3:if-none-match': header(call, 'IfNoneMatch', 'if-none-match'),
    's3:x-amz-acl': header(call, 'ACL', 'x-amz-acl'),
  };
  return [ask('s3:PutObject', object, context), ...throughKms(site, role, 's3', bucket, 'write')];
};

/** What S3 takes as a header, by the API's name for it or from the request itself. */
const header = (call: RecordedCall, name: string, asHeader: string): string | null =>
  optionalTextIn(call, name) ?? call.request?.headers[asHeader] ?? null;
