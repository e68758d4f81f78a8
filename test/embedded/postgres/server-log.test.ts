import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginAttempts, sessionErrors } from '../../../embedded/postgres/login-attempts.ts';
import { parseServerLog, readServerLog } from '../../../embedded/postgres/server-log.ts';

const at = '2026-11-24 01:27:49.811 UTC';

/** A line of one connection, as PostgreSQL 16 writes it with our prefix. */
const line = (pid: number, port: number, who: string, rest: string): string =>
  `${at} [${pid}] 127.0.0.1(${port}) ${who} ${rest}`;
const nobody = '00000 user=[unknown] db=[unknown] app=[unknown]';
const ragA = (state = '00000', app = '[unknown]'): string => `${state} user=rag_a db=rag app=${app}`;

const received = (pid: number, port: number): string =>
  line(pid, port, nobody, `LOG:  connection received: host=127.0.0.1 port=${port}`);
const authenticated = (pid: number, port: number): string =>
  line(
    pid,
    port,
    ragA(),
    'LOG:  connection authenticated: identity="rag_a" method=scram-sha-256 (/x/pg_hba.conf:117)',
  );
const authorized = (pid: number, port: number, app: string): string =>
  line(pid, port, ragA(), `LOG:  connection authorized: user=rag_a database=rag application_name=${app}`);
const disconnected = (pid: number, port: number, app: string): string =>
  line(
    pid,
    port,
    ragA('00000', app),
    `LOG:  disconnection: session time: 0:00:00.017 user=rag_a database=rag host=127.0.0.1 port=${port}`,
  );

const attemptsOf = (...lines: readonly string[]) => loginAttempts(parseServerLog(lines.join('\n')));

describe('the server’s log', () => {
  it('tells who wrote each line and when', () => {
    expect(parseServerLog(`${at} [7] LOG:  starting PostgreSQL 16.14`)).toEqual([
      { at: '2026-11-24T01:27:49.811Z', pid: 7, severity: 'LOG', message: 'starting PostgreSQL 16.14' },
    ]);
    expect(parseServerLog(line(8, 54_746, ragA('22012', 'rag-api'), 'ERROR:  division by zero'))).toEqual([
      {
        at: '2026-11-24T01:27:49.811Z',
        pid: 8,
        severity: 'ERROR',
        message: 'division by zero',
        client: {
          address: '127.0.0.1',
          port: 54_746,
          state: '22012',
          role: 'rag_a',
          database: 'rag',
          applicationName: 'rag-api',
        },
      },
    ]);
  });

  it('knows a Unix socket and an IPv6 address', () => {
    const lines = [
      `${at} [9] [local] 00000 user=postgres db=postgres app=psql LOG:  x`,
      `${at} [9] ::1(5) ${nobody} LOG:  x`,
    ];
    expect(parseServerLog(lines.join('\n')).map(({ client }) => [client?.address, client?.port])).toEqual([
      ['[local]', undefined],
      ['::1', 5],
    ]);
  });

  it('passes over what continues another line, and over what is no line of it', () => {
    expect(parseServerLog(`\tcontinued\n\nsome library: oh\n${at} [7] LOG:  x\n`)).toHaveLength(1);
  });
});

describe('an attempt to log in', () => {
  it('was served', () => {
    expect(
      attemptsOf(
        received(1, 50),
        authenticated(1, 50),
        authorized(1, 50, 'rag-api'),
        disconnected(1, 50, 'rag-api'),
      ),
    ).toEqual([
      {
        at: '2026-11-24T01:27:49.811Z',
        pid: 1,
        address: '127.0.0.1',
        port: 50,
        role: 'rag_a',
        database: 'rag',
        applicationName: 'rag-api',
        outcome: 'served',
        endedAt: '2026-11-24T01:27:49.811Z',
      },
    ]);
  });

  it('was refused for its password', () => {
    expect(
      attemptsOf(
        received(1, 50),
        line(1, 50, ragA('28P01'), 'FATAL:  password authentication failed for user "rag_a"'),
      ),
    ).toMatchObject([{ port: 50, role: 'rag_a', outcome: 'refused', state: '28P01' }]);
  });

  it('was refused for its role, although the log calls it authorized first', () => {
    const lines = [
      received(1, 50),
      authenticated(1, 50),
      authorized(1, 50, 'rag-api'),
      line(1, 50, ragA('28000'), 'FATAL:  role "rag_a" is not permitted to log in'),
    ];
    expect(attemptsOf(...lines)).toMatchObject([
      { port: 50, outcome: 'refused', state: '28000', applicationName: 'rag-api' },
    ]);
  });
});

describe('an attempt that went another way', () => {
  it('failed for another reason', () => {
    expect(
      attemptsOf(received(1, 50), line(1, 50, ragA('53300'), 'FATAL:  sorry, too many clients already')),
    ).toMatchObject([{ outcome: 'failed', state: '53300' }]);
  });

  it('was given up by the client', () => {
    expect(attemptsOf(received(1, 50))).toMatchObject([{ port: 50, outcome: 'given-up' }]);
  });

  it('was served, whatever ended the session later', () => {
    const ended = line(
      1,
      50,
      ragA('57P01', 'rag-api'),
      'FATAL:  terminating connection due to administrator command',
    );
    const lines = parseServerLog([received(1, 50), authorized(1, 50, 'rag-api'), ended].join('\n'));
    expect(loginAttempts(lines)).toMatchObject([{ outcome: 'served' }]);
    expect(sessionErrors(lines)).toMatchObject([{ client: { state: '57P01' } }]);
  });

  it('is told from another one by the same process number', () => {
    const first = [received(1, 50), authorized(1, 50, 'a'), disconnected(1, 50, 'a')];
    const second = [received(1, 60), line(1, 60, ragA('28P01'), 'FATAL:  no')];
    expect(attemptsOf(...first, ...second)).toMatchObject([
      { port: 50, outcome: 'served' },
      { port: 60, outcome: 'refused' },
    ]);
  });

  it('is not forged by an application name, nor by one with TLS behind it', () => {
    const name = 'x LOG:  connection authorized: user=rag_b database=rag';
    expect(attemptsOf(received(1, 50), authorized(1, 50, name), disconnected(1, 50, name))).toMatchObject([
      { port: 50, role: 'rag_a', applicationName: name, outcome: 'served' },
    ]);
    const tls = authorized(
      1,
      50,
      'rag-api SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)',
    );
    expect(attemptsOf(received(1, 50), tls)).toMatchObject([{ applicationName: 'rag-api' }]);
  });
});

describe('reading on in a log', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-log-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('takes each line once, a half one when it is whole, and a new file from its start', async () => {
    const log = join(folder, 'server.log');
    await writeFile(log, `${at} [1] LOG:  one\n${at} [1] LOG:  t`);
    const first = await readServerLog(log);
    expect(first.lines.map(({ message }) => message)).toEqual(['one']);

    expect((await readServerLog(log, first.next)).lines).toEqual([]);
    await appendFile(log, 'wo\n');
    const second = await readServerLog(log, first.next);
    expect(second.lines.map(({ message }) => message)).toEqual(['two']);
    expect((await readServerLog(log, second.next)).lines).toEqual([]);

    await writeFile(log, `${at} [2] LOG:  anew\n`);
    expect((await readServerLog(log, second.next)).lines.map(({ message }) => message)).toEqual(['anew']);
  });
});
