import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Secret } from '../../lambdas/core/secret.ts';
import { endToEnd, flat, headerList, plainName, valuesOf } from './header-list.ts';
import { pump, type Passage } from './pump.ts';
import { PROXY_HEADER } from './refusal.ts';
import { SecretMask } from './secret-mask.ts';

/** A target may not say where else it can be reached: a client that goes there goes past the proxy. */
const NOT_PASSED: ReadonlySet<string> = new Set(['alt-svc', PROXY_HEADER]);

const AS_IT_IS: Passage = { next: (chunk) => chunk, rest: () => Buffer.alloc(0) };

/** Hands an answer on as it comes, no faster than the client reads. Rejects where either side breaks off. */
export async function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  secrets: readonly Secret[],
): Promise<void> {
  const mask = new SecretMask(secrets);
  const headers = endToEnd(headerList(answer.rawHeaders)).filter(
    ([name]) => !NOT_PASSED.has(plainName(name)),
  );
  const encoding = valuesOf(headers, 'content-encoding')[0] ?? 'identity';
  const masked = headers.map(([name, value]) => [name, mask.text(value)] as const);
  const passed = untilPassed(answer, response);
  // The target's own words for its status are nobody's business; they are free text.
  response.writeHead(answer.statusCode ?? 502, flat(masked));
  pump(answer, response, encoding.toLowerCase() === 'identity' ? mask : AS_IT_IS);
  response.flushHeaders();
  await passed;
}

/** Ends both sides where one of them breaks off, so that nobody takes half an answer for a whole. */
function untilPassed(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const brokeOff = (): void => {
      answer.destroy();
      response.destroy();
      reject(Object.assign(new Error('broken off'), { code: 'ECONNRESET' }));
    };
    if (answer.destroyed || response.destroyed) return brokeOff();
    answer.once('error', brokeOff);
    answer.once('close', () => {
      if (!answer.readableEnded) brokeOff();
    });
    response.once('error', brokeOff);
    response.once('finish', resolve);
    response.once('close', () => {
      if (!response.writableFinished) brokeOff();
    });
  });
}
