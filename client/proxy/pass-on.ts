import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Secret } from '../../lambdas/core/secret.ts';
import { endToEnd, flat, headerList, plainName, valuesOf } from './header-list.ts';
import { maskText, MaskSecrets } from './mask-secrets.ts';
import { PROXY_HEADER } from './refusal.ts';

/** A target may not say where else it can be reached: a client that goes there goes past the proxy. */
const NOT_PASSED: ReadonlySet<string> = new Set(['alt-svc', PROXY_HEADER]);

/** Hands an answer on as it comes, no faster than the client reads. Rejects where either side breaks off. */
export async function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  secrets: readonly Secret[],
): Promise<void> {
  const headers = endToEnd(headerList(answer.rawHeaders)).filter(
    ([name]) => !NOT_PASSED.has(plainName(name)),
  );
  const encoding = valuesOf(headers, 'content-encoding')[0] ?? 'identity';
  const masked = headers.map(([name, value]) => [name, maskText(value, secrets)] as const);
  // The target's own words for its status are nobody's business; they are free text.
  response.writeHead(answer.statusCode ?? 502, flat(masked));
  response.flushHeaders();
  if (encoding.toLowerCase() === 'identity') await pipeline(answer, new MaskSecrets(secrets), response);
  else await pipeline(answer, response);
}
