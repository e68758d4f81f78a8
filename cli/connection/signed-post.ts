import { AwsV4Signer } from 'aws4fetch';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import type { WireAnswer } from './wire.ts';

/** Who signs: a person's own credentials, from the SDK's default chain. */
interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** One request to a function URL. */
export interface SignedPost {
  readonly url: string;
  readonly body: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly fetch: typeof fetch;
  readonly timeoutSeconds: number;
}

/** A signature is for one host over TLS. Loopback is where doubles stand. */
function demandOurUrl(url: string): void {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (protocol === 'https:' || hostname === '127.0.0.1') return;
  throw new LockstepError(
    'NOTHING_REACHABLE',
    'AWS named an address for the function that is no https URL; nothing was sent',
  );
}

/**
 * Posts JSON, signed with Signature Version 4 for Lambda
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html). Sent once: whether to send again is decided by who
 * knows what was asked.
 */
export async function signedPost(post: SignedPost): Promise<WireAnswer> {
  const { url, body, region, credentials, fetch, timeoutSeconds } = post;
  demandOurUrl(url);
  const headers = { 'content-type': 'application/json' };
  const signed = await new AwsV4Signer({
    ...credentials,
    service: 'lambda',
    region,
    method: 'POST',
    url,
    headers,
    body,
  }).sign();
  const patience = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const answer = await fetch(signed.url, {
      method: 'POST',
      headers: signed.headers,
      body,
      // A redirect would take the signature and the order elsewhere.
      redirect: 'error',
      signal: patience,
    });
    return { status: answer.status, body: await parsed(answer) };
  } catch (error) {
    const why = patience.aborted
      ? `no answer within ${timeoutSeconds} s`
      : `the connection failed (${foreignName(error)})`;
    throw new LockstepError('NOTHING_REACHABLE', `${new URL(url).hostname}: ${why}`);
  }
}

async function parsed(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
