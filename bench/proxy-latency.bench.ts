/** How much later does an answer come that went through the proxy? Beside the same call without it, in turn. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request, type RequestOptions } from 'node:https';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { EgressRule } from '../lambdas/core/access/access-inventory.ts';
import type { Table } from './results.ts';

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const CALLS = 1_500;
const WARM_UP = 300;

interface Call {
  readonly what: string;
  readonly put: EgressRule['put'];
  readonly path: string;
  readonly body?: Buffer;
}

const HEADER = { into: 'header', name: 'Authorization', prefix: 'Bearer ', field: 'apiKey' } as const;

const CALLS_MADE: readonly Call[] = [
  { what: 'GET, key in a header', put: HEADER, path: '/small' },
  {
    what: 'POST of 16 KiB, key in a header',
    put: HEADER,
    path: '/small',
    body: Buffer.alloc(16 * 1024, 'b'),
  },
  { what: 'GET of 1 MiB, looked through', put: HEADER, path: '/large' },
  {
    what: 'POST of 16 KiB, signed anew',
    put: { into: 'sigv4', service: 'sqs', region: 'eu-central-1' },
    path: '/small',
    body: Buffer.alloc(16 * 1024, 'b'),
  },
];

/** Client, proxy and target are processes of their own, and connections stay open. */
export async function proxyLatency(progress: (what: string) => void): Promise<Table> {
  const rows: string[][] = [];
  for (const call of CALLS_MADE) {
    progress(`${call.what}, with the proxy and without`);
    rows.push(await measured(call));
  }
  return {
    title: 'A call through the proxy, beside a direct one (ms; HTTPS on loopback, connections kept open)',
    head: [
      'call',
      'direct p50',
      'proxied p50',
      'added p50',
      'CPU of the proxy',
      'direct p99',
      'proxied p99',
      'first: direct',
      'first: proxied',
    ],
    rows,
    notes: [
      `${CALLS} calls each way, in turn, after ${WARM_UP}; client, proxy and target are processes of their own. To reach: at most 1 ms added at p50.`,
      'CPU of the proxy: what it computes for a call, whatever else the machine does. What is added beyond it is waiting for a processor.',
      'First: with its connection, and the TLS of both sides.',
    ],
  };
}

interface Told {
  readonly port: number;
  readonly ca: string;
  readonly login?: string;
}

async function measured({ what, put, path, body }: Call): Promise<string[]> {
  const target = start('./proxy-target.ts');
  const proxy = start('./proxy-under-test.ts');
  try {
    const place = await told(target);
    proxy.send({
      host: 'localhost',
      port: place.port,
      network: 'loopback',
      ca: place.ca,
      paths: ['/'],
      methods: ['GET', 'POST'],
      put,
    } satisfies EgressRule);
    const through = await told(proxy);
    const ways = { direct: directAgent(place), proxied: new ThroughProxy(place, through) };
    const times: Record<'direct' | 'proxied', number[]> = { direct: [], proxied: [] };
    const first = { direct: 0, proxied: 0 };
    let cpuBefore = 0;
    for (let nth = 0; nth < WARM_UP + CALLS; nth += 1) {
      if (nth === WARM_UP) cpuBefore = await cpuMilliseconds(proxy);
      // Each goes first as often as the other.
      for (const way of nth % 2 === 0 ? (['direct', 'proxied'] as const) : (['proxied', 'direct'] as const)) {
        const took = await timed({ agent: ways[way], port: place.port, path }, body);
        if (nth === 0) first[way] = took;
        if (nth >= WARM_UP) times[way].push(took);
      }
    }
    const cpu = ((await cpuMilliseconds(proxy)) - cpuBefore) / CALLS;
    const [direct, proxied] = [times.direct, times.proxied];
    return [
      what,
      ...[at(direct, 0.5), at(proxied, 0.5), at(proxied, 0.5) - at(direct, 0.5), cpu].map(shown),
      ...[at(direct, 0.99), at(proxied, 0.99), first.direct, first.proxied].map(shown),
    ];
  } finally {
    for (const each of [proxy, target]) {
      each.disconnect();
      await once(each, 'exit');
    }
  }
}

const shown = (milliseconds: number): string => milliseconds.toFixed(2);

const at = (times: readonly number[], part: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * part)] ?? 0;

function start(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: ['--import', LOADER] });
}

async function told(child: ChildProcess): Promise<Told> {
  const [message] = (await once(child, 'message')) as [Told];
  return message;
}

/** How much processor time it has taken so far. */
async function cpuMilliseconds(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ readonly cpu: NodeJS.CpuUsage }];
  return (cpu.user + cpu.system) / 1000;
}

/** From the first byte of the request to the last of the answer. */
async function timed(how: RequestOptions, body: Buffer | undefined): Promise<number> {
  const begun = performance.now();
  const outgoing = request({
    host: 'localhost',
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-length': body.length } : {},
    ...how,
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`the bench was answered ${response.statusCode}`);
  return performance.now() - begun;
}

const directAgent = ({ ca }: Told): Agent =>
  new Agent({ keepAlive: true, maxSockets: 1, ca, lookup: toLoopback });

/** Connections through CONNECT, with TLS inside. */
class ThroughProxy extends Agent {
  readonly #open: () => Promise<Socket>;

  constructor({ port }: Told, { port: proxyPort, ca, login = '' }: Told) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#open = async () => {
      const place = `localhost:${port}`;
      const connect = plainRequest({
        host: '127.0.0.1',
        port: proxyPort,
        method: 'CONNECT',
        path: place,
        headers: { host: place, 'proxy-authorization': login },
        agent: false,
      });
      connect.end();
      const [, socket] = (await once(connect, 'connect')) as [IncomingMessage, Socket];
      socket.setNoDelay(true);
      return connectTls({ socket, servername: 'localhost', ca });
    };
  }

  override createConnection(
    _options: RequestOptions,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    void this.#open().then((socket) => done?.(null, socket));
  }
}

const toLoopback: NonNullable<RequestOptions['lookup']> = (_name, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
