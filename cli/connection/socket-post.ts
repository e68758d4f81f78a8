import { request } from 'node:http';
import { connect } from 'node:net';
import { foreignName, LockstepError } from '../../lambdas/core/errors.ts';
import type { WireAnswer } from './wire.ts';

/** One request over a runtime's socket. */
export interface SocketPost {
  readonly socket: string;
  readonly path: '/orders' | '/queries' | '/first-values' | '/supplies' | '/supplies/proof' | '/tokens';
  readonly operator: string;
  readonly body: string;
  readonly timeoutSeconds: number;
}

/** Larger answers than any report of ours: whoever sends them is not a runtime. */
const MAX_ANSWER = 64 * 1024 * 1024;

/** Posts JSON and waits for the answer. Throws `NOTHING_REACHABLE` where there is none. */
export function postOverSocket(post: SocketPost): Promise<WireAnswer> {
  const { socket, path, operator, body, timeoutSeconds } = post;
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-lockstep-operator': operator,
    };
    const patience = AbortSignal.timeout(timeoutSeconds * 1000);
    const outgoing = request({
      socketPath: socket,
      path,
      method: 'POST',
      headers,
      agent: false,
      signal: patience,
    });
    const fail = (error: unknown): void =>
      reject(
        noAnswer(
          patience.aborted
            ? `the runtime did not answer within ${timeoutSeconds} s`
            : 'the runtime ended before it answered',
          error,
        ),
      );
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER) outgoing.destroy();
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('aborted', () => fail(undefined));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) }),
      );
    });
    outgoing.end(body);
  });
}

const noAnswer = (what: string, cause: unknown): LockstepError =>
  new LockstepError('NOTHING_REACHABLE', cause === undefined ? what : `${what} (${foreignName(cause)})`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether somebody listens on a socket: before anything is said, so that nothing can have happened. */
export function listens(socket: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES' && error.code !== 'EPERM') return resolve(false);
      reject(
        new LockstepError(
          'NOTHING_REACHABLE',
          `the runtime's socket ${socket} belongs to another user; run as that user`,
        ),
      );
    });
  });
}
