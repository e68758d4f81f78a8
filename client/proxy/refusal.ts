import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { describeError, isLockstepError } from '../../lambdas/core/errors.ts';

/** A refusal of the proxy, as a client sees it. */
export interface RefusalAnswer {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The header by which an answer of the proxy is told from one of the target. */
export const PROXY_HEADER = 'lockstep-proxy';

/** An error as an answer. Ours says its code and message, a foreign one only that there was one. */
export function refusalAnswer(error: unknown): RefusalAnswer {
  const { code, message } = describeError(error);
  const body = `${JSON.stringify({ error: { type: 'lockstep_proxy', code, message } })}\n`;
  return {
    status: statusOf(error),
    code,
    headers: {
      [PROXY_HEADER]: code,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      connection: 'close',
      ...(code === 'UNAUTHENTICATED' ? { 'proxy-authenticate': 'Basic realm="lockstep"' } : {}),
    },
    body,
  };
}

function statusOf(error: unknown): number {
  if (!isLockstepError(error)) return 500;
  switch (error.code) {
    case 'UNAUTHENTICATED':
      return 407;
    case 'MALFORMED_REQUEST':
      return 400;
    case 'EGRESS_REFUSED':
      return 403;
    case 'NOT_SUPPORTED':
      return 501;
    case 'TARGET_UNREACHABLE':
    case 'TARGET_REFUSES_TLS':
      return 502;
    case 'LEASE_OVER':
      return 503;
    default:
      return 500;
  }
}

/** Refuses on a socket where no response has begun, and closes it. */
export function refuseSocket(socket: Duplex, { status, headers, body }: RefusalAnswer): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

/** Refuses a request; one that is being answered already is broken off, so that nobody takes half an answer for a whole. */
export function refuseRequest(response: ServerResponse, { status, headers, body }: RefusalAnswer): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, headers).end(body);
}
