import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ACCESS_PATH, ACTING_FOR_HEADER, TOKEN_HEADER } from '../../../lambdas/contracts/access-wire.ts';
import { failureAnswer } from '../../../lambdas/contracts/http-answer.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import type { MemoryBroker } from '../../fakes/memory-broker.ts';
import { recogniser, type Known } from './recognise.ts';

/** Who may come in, and to what. */
export interface DoorOptions extends Pick<Known, 'awsKeys' | 'tokens'> {
  readonly broker: MemoryBroker;
  /** Instead of the broker's answer. */
  readonly instead?: { readonly status: number; readonly text: string };
}

/** A door to a broker in memory, over HTTP on loopback. */
export interface BrokerDoor {
  readonly url: string;
  /** A subject of the embedded world, and its private key. */
  readonly subject: string;
  readonly environment: string;
  readonly identity: string;
  /** Tokens of persons that agents have acted for. */
  readonly actedFor: string[];
  /** Tokens of callers, each time that one was shown. */
  readonly tokensSeen: string[];
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Opens one. */
export async function aBrokerDoor({ broker, instead, ...who }: DoorOptions): Promise<BrokerDoor> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const known = { ...who, subject: 'research-agent', environment: 'local', publicKey };
  const recognise = recogniser(known);
  const actedFor: string[] = [];
  const tokensSeen: string[] = [];

  const serve = async (request: IncomingMessage): Promise<Answer> => {
    const body = await text(request);
    if (instead) return instead;
    if (request.method !== 'POST' || request.url !== ACCESS_PATH) return { status: 404, text: '' };
    const token = request.headers[TOKEN_HEADER];
    if (typeof token === 'string') tokensSeen.push(token);
    const caller = await recognise(request, body);
    const acting = request.headers[ACTING_FOR_HEADER];
    if (typeof acting === 'string') actedFor.push(acting);
    const reply = await broker.answer(caller, JSON.parse(body));
    const isIssued = 'value' in reply && reply.value instanceof Secret;
    const onTheWire = isIssued ? { ...reply, value: reply.value.reveal() } : reply;
    return { status: 200, text: JSON.stringify(onTheWire) };
  };
  const server = createServer((request, response) => {
    serve(request)
      .catch((error: unknown) => {
        const { status, body } = failureAnswer(error);
        return { status, text: JSON.stringify(body) };
      })
      .then((answer) => response.writeHead(answer.status).end(answer.text))
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...known,
    identity: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    actedFor,
    tokensSeen,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
