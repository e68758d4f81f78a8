import { AwsV4Signer } from 'aws4fetch';
import { createHash, createHmac } from 'node:crypto';
import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LeaseInUse } from '../access/held-lease.ts';
import type { Carrying, Puttable } from './carrying.ts';
import { plainName, valuesOf, type HeaderList } from './header-list.ts';
import { fieldOf, optionalFieldOf } from './value-fields.ts';

type SigV4 = Extract<EgressRule['put'], { readonly into: 'sigv4' }>;

/** What a client may say of its payload that stays true under another signature. */
const PAYLOADS = /^([0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-UNSIGNED-PAYLOAD-TRAILER)$/;

/** What the client signed with, by whatever it has in place of a key. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['x-amz-date', 'x-amz-security-token', 'date']);

/** Where S3 reads what it writes: an object outside of the paths of the rule, or of another bucket, as far as the key goes. */
const SOURCES: ReadonlySet<string> = new Set(['x-amz-copy-source', 'x-amz-rename-source']);

/**
 * Whether the body has to be read before it can be sent: its digest is part of the signature, unless the client says it
 * in a header, or the service takes unsigned payloads.
 */
export const needsWholeBody = (put: EgressRule['put'], headers: HeaderList): boolean =>
  put.into === 'sigv4' && put.service !== 's3' && payloadOf(headers) === undefined;

/**
 * Signs a request anew, in place of the client's own signature
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). The target sees the
 * scope of the rule, whatever region and service the client signed for.
 *
 * Errors: `NOT_SUPPORTED` for what a client has signed piece by piece, or into the address; `EGRESS_REFUSED` for what
 * names a second object.
 */
export function putSigV4(
  { service, region }: SigV4,
  lease: LeaseInUse,
  request: Puttable,
  now: Date,
): Carrying {
  demandNoPresignature(request.query);
  demandOneObject(request.headers);
  const mine = request.headers.filter(([name]) => !OF_THE_CLIENT.has(plainName(name)));
  const payload = payloadOf(mine);
  if (payload !== undefined && !PAYLOADS.test(payload)) notSupported('a body that is signed piece by piece');
  const secretAccessKey = fieldOf(lease, 'secretAccessKey');
  const sessionToken = optionalFieldOf(lease, 'sessionToken');
  const signed = new AwsV4Signer({
    accessKeyId: fieldOf(lease, 'accessKeyId').reveal(),
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
    service,
    region,
    method: request.method,
    url: `https://${request.host}${request.port === 443 ? '' : `:${request.port}`}${request.path}${request.query}`,
    headers: mine.filter(isSigned).map(([name, value]): [string, string] => [name, value]),
    datetime: now.toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
  });
  signed.headers.set('authorization', authorizationOf(signed, request.bodyDigest, lease.derivedKeys));
  return {
    path: signed.url.pathname,
    query: signed.url.search,
    headers: [...mine.filter((header) => !isSigned(header)), ...signed.headers],
    secrets: [secretAccessKey, ...(sessionToken ? [sessionToken] : [])],
  };
}

/**
 * The header that carries the signature. What of a request is signed, and in which form, the package says; it would also
 * compute it, by Web Crypto, which sends every hash to another thread and waits for it: five times as long as Node's own.
 */
function authorizationOf(
  signed: AwsV4Signer,
  bodyDigest: string | undefined,
  derivedKeys: Map<string, Buffer>,
): string {
  const payload = signed.headers.get('x-amz-content-sha256') ?? bodyDigest ?? sha256('');
  const { method, encodedPath, encodedSearch, canonicalHeaders, signedHeaders, credentialString } = signed;
  const canonical = [
    method.toUpperCase(),
    encodedPath,
    encodedSearch,
    `${canonicalHeaders}\n`,
    signedHeaders,
    payload,
  ].join('\n');
  const toSign = [ALGORITHM, signed.datetime, credentialString, sha256(canonical)].join('\n');
  const signature = hmac(keyFor(signed, derivedKeys), toSign).toString('hex');
  return `${ALGORITHM} Credential=${signed.accessKeyId}/${credentialString}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** By day, region and service: a lease that lives over midnight has more than one. */
function keyFor(
  { secretAccessKey, credentialString }: AwsV4Signer,
  derivedKeys: Map<string, Buffer>,
): Buffer {
  const known = derivedKeys.get(credentialString);
  if (known) return known;
  const key = credentialString.split('/').reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  derivedKeys.set(credentialString, Buffer.from(key));
  return Buffer.from(key);
}

/** What AWS wants signed. The rest may change on its way. */
const isSigned = ([name]: HeaderList[number]): boolean => /^(x-amz-.*|content-md5)$/.test(name.toLowerCase());

const payloadOf = (headers: HeaderList): string | undefined => valuesOf(headers, 'x-amz-content-sha256')[0];

function demandNoPresignature(query: string): void {
  // A name may be written with any character encoded; no honest client does it.
  if (/(^\?|&)x-amz-(signature|credential|algorithm)=/i.test(decodeURIComponentSafely(query)))
    notSupported('an address that is signed itself (a presigned URL)');
}

/** The rule was asked about the path alone. Left out, the header would make an empty object of what was meant as a copy. */
function demandOneObject(headers: HeaderList): void {
  const found = headers.map(([name]) => plainName(name)).find((name) => SOURCES.has(name));
  if (found !== undefined)
    throw new LockstepError(
      'EGRESS_REFUSED',
      `${found} names a second object, which the paths of no rule say anything of; read it and write it in two requests`,
    );
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function notSupported(what: string): never {
  throw new LockstepError(
    'NOT_SUPPORTED',
    `${what} cannot be signed anew; let the client sign headers, with the digest of the body or UNSIGNED-PAYLOAD`,
  );
}
