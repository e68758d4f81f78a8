import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** What a notice says to a receiver. */
export interface ReceivedNotice {
  readonly type: string;
  readonly credential: string;
  readonly version: string;
  readonly replaces?: string;
}

/** What a receiver needs. */
export interface ReceiverOptions {
  readonly port: number;
  /** Every key that a sender may sign with now, `whsec_…`. */
  readonly keys: () => readonly string[];
  /** Takes a notice. It is answered at once; what follows from it takes its own time. */
  readonly onNotice: (notice: ReceivedNotice) => void;
  /** A notice was looked at: its id, and whether a key that is held has signed it. */
  readonly onChecked?: (id: string, isVerified: boolean) => void;
}

const MAX_BODY = 64 * 1024;
/** Ids of Standard Webhooks are short; a longer one, or one with anything odd in it, is nobody's. */
const NOTICE_ID = /^[\w#.:-]{1,256}$/;

/**
 * Receives Lockstep's notices, as Standard Webhooks says: a signature by any key that is held, within five
 * minutes, or 401. A 2xx means that the notice was taken, and nothing more. Without any key yet, nothing can be
 * checked: 503, to be told again.
 */
export function receiveNotices(options: ReceiverOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => {
      options.onChecked?.('unreadable', false);
      if (!response.headersSent) response.writeHead(400);
      response.end();
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve(server));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { keys, onNotice, onChecked = () => undefined }: ReceiverOptions,
): Promise<void> {
  const body = await readBody(request);
  const held = keys();
  if (held.length === 0) {
    response.writeHead(503, { 'retry-after': '1' }).end();
    return;
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(' ') : (value ?? ''),
    ]),
  );
  const payload = verified(body, headers, held);
  const { 'webhook-id': id = '' } = headers;
  onChecked(NOTICE_ID.test(id) ? id : 'not an id', payload !== undefined);
  if (payload === undefined) {
    response.writeHead(401).end();
    return;
  }
  const notice = noticeIn(payload);
  // A probe or anything else that was signed and is not for us: taken, and nothing follows.
  if (notice) onNotice(notice);
  response.writeHead(204).end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_BODY) throw new RangeError('the body is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function verified(body: string, headers: Record<string, string>, keys: readonly string[]): unknown {
  for (const key of keys) {
    try {
      return new Webhook(key).verify(body, headers);
    } catch {
      // Not by this key, or too old: another one may fit.
    }
  }
  return undefined;
}

function noticeIn(payload: unknown): ReceivedNotice | undefined {
  const field = (from: unknown, name: string): unknown =>
    typeof from === 'object' && from !== null
      ? Object.getOwnPropertyDescriptor(from, name)?.value
      : undefined;
  const [type, details] = [field(payload, 'type'), field(payload, 'data')];
  const [credential, version, replaces] = ['credential', 'version', 'replaces'].map((name) =>
    field(details, name),
  );
  if (typeof type !== 'string' || typeof credential !== 'string' || typeof version !== 'string')
    return undefined;
  return { type, credential, version, ...(typeof replaces === 'string' ? { replaces } : {}) };
}
