import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Pass } from '../../../client/proxy/pass.ts';

/** Where a client of a test connects to. */
export interface ProxyAddress {
  readonly port: number;
}

/** What a client got. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly bytes: Buffer;
}

/** The login of a pass, as HTTPS_PROXY has it. */
export const loginOf = ({ name, secret }: Pass): string =>
  `Basic ${Buffer.from(`${name}:${secret.value.reveal()}`).toString('base64')}`;

/** Sends text over a new connection and reads whatever comes back until the other side is done. */
export async function rawTalk(port: number, text: string | Buffer, patienceMs = 1_000): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  return talkOver(socket, text, patienceMs);
}

/** The same over a connection that is open. */
export async function talkOver(socket: Socket, text: string | Buffer, patienceMs = 1_000): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  const patience = setTimeout(() => socket.destroy(), patienceMs);
  await once(socket, 'close');
  clearTimeout(patience);
  return Buffer.concat(chunks).toString('latin1');
}

/** What came of CONNECT: the socket behind it, or what refused. */
interface Connected {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

/** Says CONNECT. */
export async function connectThrough(
  { port }: ProxyAddress,
  place: string,
  headers: Readonly<Record<string, string>>,
): Promise<Connected> {
  const outgoing = httpRequest({
    port,
    host: '127.0.0.1',
    method: 'CONNECT',
    path: place,
    headers: { host: place, ...headers },
    agent: false,
  });
  outgoing.end();
  const [response, socket, head] = (await once(outgoing, 'connect')) as [IncomingMessage, Socket, Buffer];
  socket.on('error', () => undefined);
  const { statusCode: status = 0 } = response;
  // Node hands over the socket of any answer to CONNECT, with what it has read of the body.
  const body = status === 200 ? '' : Buffer.concat([head, await buffer(socket)]).toString('utf8');
  return { status, headers: response.headers, body, socket };
}

/** TLS inside. */
export async function tlsInside(
  socket: Socket,
  {
    servername,
    ca,
    alpn,
  }: { readonly servername?: string; readonly ca: string; readonly alpn?: readonly string[] },
): Promise<TLSSocket> {
  const tls = connectTls({
    socket,
    ca,
    ...(servername === undefined ? { checkServerIdentity: () => undefined } : { servername }),
    ...(alpn ? { ALPNProtocols: [...alpn] } : {}),
  });
  await once(tls, 'secureConnect');
  return tls;
}

/** An open way through a pass to one place. */
export async function through(
  proxy: ProxyAddress,
  pass: Pass,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<TLSSocket> {
  const { status, socket, body } = await connectThrough(proxy, `${host}:${port}`, {
    'proxy-authorization': loginOf(pass),
  });
  if (status !== 200) throw new TypeError(`the proxy answered ${status}: ${body}`);
  return tlsInside(socket, { servername: host, ca: pass.authority.certificate });
}

/** What a request of a test says. */
export interface ClientAsk {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Begins a request over an open way. */
export function begin(
  tls: Socket,
  { host, port }: { readonly host: string; readonly port: number },
  { method = 'GET', path = '/', headers = {} }: ClientAsk,
): ClientRequest {
  return httpRequest({
    createConnection: () => tls,
    host,
    port,
    method,
    path,
    headers: { host: port === 443 ? host : `${host}:${port}`, ...headers },
  });
}

/** One request through a pass, on a connection of its own, and its whole answer. */
export async function ask(
  proxy: ProxyAddress,
  pass: Pass,
  place: { readonly host: string; readonly port: number },
  what: ClientAsk = {},
): Promise<Got> {
  const tls = await through(proxy, pass, place);
  try {
    return await askOver(tls, place, what);
  } finally {
    tls.destroy();
  }
}

/** The same over an open way, which stays open. */
export async function askOver(
  tls: Socket,
  place: { readonly host: string; readonly port: number },
  what: ClientAsk = {},
): Promise<Got> {
  const outgoing = begin(tls, place, what);
  outgoing.end(what.body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const bytes = await buffer(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body: bytes.toString('utf8'),
    bytes,
  };
}
