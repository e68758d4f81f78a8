import { createHash, createHmac } from 'node:crypto';

/** A request as it came. */
export interface SignedMessage {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a signature has to be made for. */
export interface ExpectedScope {
  readonly region: string;
  readonly service: string;
  /** The secret access key of an access key id; `undefined` where nobody has it. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Who signed a request: Signature Version 4, recomputed from the request as it came
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). `undefined` where the
 * signature is not right.
 */
export function signerOf(
  { method, target, headers, body }: SignedMessage,
  scope: ExpectedScope,
): string | undefined {
  const [, key = '', day = '', region, service, signed = '', signature] =
    FORM.exec(headers['authorization'] ?? '') ?? [];
  const secret = scope.secretOf(key);
  if (secret === undefined || region !== scope.region || service !== scope.service) return undefined;
  const names = signed.split(';');
  const time = headers['x-amz-date'] ?? '';
  if (!names.includes('host') || !names.includes('x-amz-date') || !time.startsWith(day)) return undefined;
  // A session's token that is not signed could be swapped.
  if (headers['x-amz-security-token'] !== undefined && !names.includes('x-amz-security-token'))
    return undefined;
  const { pathname, search } = new URL(target, 'http://signed');
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join('');
  const canonical = [method, pathname, search.slice(1), lines, signed, sha256(body)].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    time,
    `${day}/${region}/${service}/aws4_request`,
    sha256(canonical),
  ].join('\n');
  const ofDay = hmac(`AWS4${secret}`, day);
  const keyOfRequest = hmac(hmac(hmac(ofDay, region), service), 'aws4_request');
  return hmac(keyOfRequest, toSign).toString('hex') === signature ? key : undefined;
}
