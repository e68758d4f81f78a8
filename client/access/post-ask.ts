import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';

/** One ask on its way. */
export interface AskPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutSeconds: number;
}

/** What came back. */
export interface AskAnswer {
  readonly status: number;
  /** Parsed; `undefined` where it is not JSON. */
  readonly body: unknown;
}

/** Longer answers are none of the broker's. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Posts JSON and waits for the answer. Values of leases come back this way, so the certificate is always checked, no
 * redirect is followed, no proxy of the environment is used and no connection is shared.
 *
 * Throws `NOTHING_REACHABLE` where there is no answer.
 */
export function postAsk({ url, headers, body, timeoutSeconds }: AskPost): Promise<AskAnswer> {
  const send = sender(url);
  const patience = AbortSignal.timeout(timeoutSeconds * 1000);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(noAnswer(url, timeoutSeconds, patience.aborted, cause));
    const outgoing = send(url, {
      method: 'POST',
      agent: false,
      signal: patience,
      // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
      rejectUnauthorized: true,
      headers: {
        'content-type': 'application/json',
        ...headers,
        'content-length': Buffer.byteLength(body),
      },
    });
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) outgoing.destroy();
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) }),
      );
    });
    outgoing.end(body);
  });
}

/** Loopback is where the embedded world is; everywhere else the value would be read on the way. */
function sender({ protocol, hostname }: URL): typeof httpsRequest {
  if (protocol === 'https:') return httpsRequest;
  if (protocol === 'http:' && (hostname === '127.0.0.1' || hostname === '[::1]')) return httpRequest;
  throw new LockstepError(
    'NOTHING_REACHABLE',
    `the broker's address should be https, or http to 127.0.0.1; found ${protocol}//${hostname}, and nothing was sent`,
  );
}

const noAnswer = (url: URL, timeoutSeconds: number, isLate: boolean, cause: unknown): LockstepError => {
  const why = isLate
    ? `gave no answer within ${timeoutSeconds} s`
    : `could not be asked (${foreignName(cause)})`;
  return new LockstepError('NOTHING_REACHABLE', `the broker at ${url.host} ${why}`);
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
