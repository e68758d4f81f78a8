import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../embedded/ports/free-port.ts';
import { startServer } from '../../../embedded/postgres/start-server.ts';
import { stopServer } from '../../../embedded/postgres/stop-server.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { HeldVersion } from '../../../lambdas/core/ports/rotator.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { loginValueText, readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import type { PostgresPorts } from '../../../lambdas/postgres/ports.ts';
import { AUTHORITY, DATABASE, postgresBed, type PostgresBed } from './bed.ts';

let bed: PostgresBed;
const servers: Server[] = [];
const sockets = new Set<Socket>();
beforeAll(async () => {
  bed = await postgresBed({ max_connections: '6', superuser_reserved_connections: '3' });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  await bed.stop();
});
beforeEach(() => bed.reset());

/** A server on loopback that does what it is told with each connection. */
async function aServer(greet: (socket: Socket) => void): Promise<number> {
  const port = await freePort();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return port;
}

interface Place {
  readonly host?: string;
  readonly port?: number;
  readonly dbname?: string;
  readonly ports?: Partial<PostgresPorts>;
}

/** Verifies a made-up version at some place, and says how that failed. */
async function verifyAt(
  place: Place,
  held?: HeldVersion,
): Promise<{ code: string; message: string; outcome: unknown }> {
  const { host = '127.0.0.1', port = bed.server.port, dbname = DATABASE, ports = {} } = place;
  const password = new Secret(
    held ? readLoginValue(held.value).password.reveal() : 'fake-password-of-a-test',
  );
  const value = loginValueText({ host, port, dbname, username: 'rag_a', password });
  const credential = bed.credential({ endpoint: { host, port }, database: dbname });
  bed.seen.length = 0;
  const version = { version: 'v1', key: 'rag_a', value };
  const failure: unknown = await bed
    .rotator(ports)
    .verify(bed.request('v1', 0, credential), version)
    .then(
      () => new LockstepError('NOT_SUPPORTED', 'it worked'),
      (error: unknown) => error,
    );
  if (!(failure instanceof LockstepError)) throw failure;
  expect(failure.message).not.toContain(password.reveal());
  return { code: failure.code, message: failure.message, outcome: bed.seen.map(({ outcome }) => outcome) };
}

describe('a target that cannot be reached', () => {
  it('has a name that leads nowhere', async () => {
    expect(await verifyAt({ host: 'db.invalid' })).toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringContaining('(dns)') as string,
      outcome: ['failed'],
    });
  });

  it('listens on no port', async () => {
    expect(await verifyAt({ port: await freePort() })).toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringContaining('(tcp)') as string,
    });
  });

  it('takes the connection and says nothing', async () => {
    const port = await aServer(() => undefined);
    const ports = { timeouts: { connectMs: 150 } };
    expect(await verifyAt({ port, ports })).toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringContaining('did not answer in time') as string,
    });
  });

  it('takes the connection and hangs up', async () => {
    const port = await aServer((socket) => socket.destroy());
    expect(await verifyAt({ port })).toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });

  it('is asked in vain whether it refuses: that is unknown', async () => {
    const port = await freePort();
    const credential = bed.credential({ endpoint: { host: '127.0.0.1', port } });
    const login = { host: '127.0.0.1', port, dbname: DATABASE, username: 'rag_a' };
    const value = loginValueText({ ...login, password: new Secret('fake-password-of-a-test') });
    const held = { version: 'v1', key: 'rag_a', value };
    expect(await bed.rotator().proveRefused(bed.request('v1', 0, credential), held)).toBe('unknown');
  });

  it('dies in the middle of a statement', async () => {
    const held = await bed.install('v1', 0, undefined);
    const request = bed.request('v2', 1);
    const rotator = bed.rotator({
      sleep: () =>
        bed.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${AUTHORITY}'`),
    });
    await expect(rotator.revoke(request, held)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });
});

/** Replaces pg_hba.conf, and waits until it counts. */
async function writeRules(text: string): Promise<void> {
  await writeFile(join(bed.server.files.data, 'pg_hba.conf'), text);
  await bed.sql('SELECT pg_reload_conf()');
  await sleep(200);
}

describe('a target that refuses', () => {
  it('the password', async () => {
    await bed.install('v1', 0, undefined);
    expect(await verifyAt({})).toMatchObject({ code: 'SUCCESSOR_REJECTED', outcome: ['refused'] });
  });

  it('the role', async () => {
    const held = await bed.install('v1', 0, undefined);
    await bed.sql('ALTER ROLE rag_a NOLOGIN');
    expect(await verifyAt({}, held)).toMatchObject({ code: 'SUCCESSOR_REJECTED', outcome: ['refused'] });
  });

  it('the authority', async () => {
    const { current } = bed.authority;
    bed.authority = { current: bed.authorityValue(new Secret('fake-and-wrong')) };
    await expect(bed.install('v1', 0, undefined)).rejects.toMatchObject({ code: 'TARGET_REFUSES_LOGIN' });
    bed.authority = { current };
  });

  it('because it has no such database', async () => {
    const held = await bed.install('v1', 0, undefined);
    expect(await verifyAt({ dbname: 'ragg' }, held)).toMatchObject({
      code: 'TARGET_REFUSED',
      message: expect.stringContaining('no such database') as string,
    });
  });

  it('because it is full', async () => {
    const held = await bed.install('v1', 0, undefined);
    const crowd = [await bed.dependent(held), await bed.dependent(held), await bed.dependent(held)];
    expect(await verifyAt({}, held)).toMatchObject({ code: 'TARGET_BUSY', outcome: ['failed'] });
    await Promise.all(crowd.map((one) => one.end()));
  });
});

describe('a target that is in no state to be changed', () => {
  it('because of an address that has no rule: that says nothing about the credential', async () => {
    const held = await bed.install('v1', 0, undefined);
    // given a pg_hba.conf that turns everybody away who is not the superuser
    const [row] = await bed.sql<{ hba: string }>(`SELECT pg_read_file('pg_hba.conf') AS hba`);
    await writeRules('host all postgres 127.0.0.1/32 scram-sha-256\n');
    try {
      expect(await verifyAt({}, held)).toMatchObject({
        code: 'TARGET_REFUSES_LOGIN',
        message: expect.stringContaining('pg_hba.conf') as string,
      });
      expect(await bed.rotator().proveRefused(bed.request('v1', 0), held)).toBe('unknown');
    } finally {
      await writeRules(row?.hba ?? '');
    }
    expect(await bed.tries(held)).toBe('works');
  });

  it('while another change of the same role is under way', async () => {
    const held = await bed.install('v1', 0, undefined);
    const lock = `SELECT pg_advisory_lock(hashtextextended('lockstep role rag_a', 0)), pg_sleep(0.6)`;
    const holding = bed.sql(lock);
    await sleep(150);
    const impatient = bed.rotator({ timeouts: { lockMs: 100 } });
    await expect(impatient.stopNow(bed.request('v1', 0), held)).rejects.toMatchObject({
      code: 'TARGET_BUSY',
    });
    await holding;
    await bed.rotator().stopNow(bed.request('v1', 0), held);
  });

  it('because it is a replica', async () => {
    const replica = await postgresBed();
    try {
      // given a server that came up as a standby, with everything that the primary had
      await stopServer(replica.server.files.folder);
      await writeFile(join(replica.server.files.data, 'standby.signal'), '');
      await startServer({ folder: replica.server.files.folder, lifetime: 'with-parent' });
      await expect(replica.install('v1', 0, undefined)).rejects.toMatchObject({
        code: 'TARGET_REFUSED',
        message: expect.stringContaining('read-only replica') as string,
      });
    } finally {
      await replica.stop();
    }
  });
});

it('a primary that defaults to read-only is written to all the same', async () => {
  await bed.sql(`ALTER ROLE ${AUTHORITY} SET default_transaction_read_only = on`);
  const held = await bed.install('v1', 0, undefined);
  await bed.sql(`ALTER ROLE ${AUTHORITY} RESET default_transaction_read_only`);
  expect(await bed.tries(held)).toBe('works');
});

describe('whoever holds the port instead', () => {
  const asksFor = (code: number): Buffer => {
    const message = Buffer.alloc(9);
    message.write('R', 0);
    message.writeInt32BE(8, 1);
    message.writeInt32BE(code, 5);
    return message;
  };

  it.each([
    ['the password itself', asksFor(3)],
    [
      'its MD5 under a salt of his own',
      Buffer.concat([Buffer.from([82, 0, 0, 0, 12, 0, 0, 0, 5]), Buffer.from('salt')]),
    ],
  ])('asks for %s and gets nothing', async (_what, question) => {
    const heard: Buffer[] = [];
    const port = await aServer((socket) => {
      socket.on('data', (bytes) => {
        heard.push(bytes);
        if (heard.length === 1) socket.write(question);
      });
    });

    expect(await verifyAt({ port, ports: { timeouts: { connectMs: 500 } } })).toMatchObject({
      code: 'TARGET_REFUSED',
    });

    // the startup message, and at most a goodbye
    expect(Buffer.concat(heard.slice(1)).toString('latin1').replace('X\0\0\0\x04', '')).toBe('');
  });
});
