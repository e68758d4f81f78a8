import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketConnection } from '../../cli/connection/socket-connection.ts';
import { openControl, type ControlTarget } from '../../embedded/control/control-server.ts';
import type { Order, Query } from '../../lambdas/contracts/orders.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { NOW } from './a-connection.ts';

const TIMEOUTS = { orderSeconds: 5, querySeconds: 5 };
const HOLD: Order = { order: 'hold', credential: 'vector-store', reason: 'a test' };

let folder: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A runtime's own socket, in front of what a test says. */
async function aRuntime(target: Partial<ControlTarget>): Promise<string> {
  const socket = join(folder, 'control.sock');
  const unexpected = (): Promise<never> => Promise.reject(new Error('the test expected no such request'));
  servers.push(
    await openControl(socket, {
      operate: unexpected,
      report: unexpected,
      putFirst: unexpected,
      signToken: unexpected,
      putSupply: unexpected,
      proveSupply: unexpected,
      ...target,
    }),
  );
  return socket;
}

const to = (socket: string, timeouts = TIMEOUTS) => socketConnection({ socket, operator: 'alice', timeouts });

describe('the way to a runtime over its socket', () => {
  it('takes orders with the name of who gives them, and brings back what was said', async () => {
    const seen: [string, Order][] = [];
    const socket = await aRuntime({
      operate: async ({ name }, order) => {
        seen.push([name, order]);
        return { said: 'vector-store is held', facts: { since: NOW } };
      },
    });
    expect(await to(socket).order(HOLD)).toEqual({ said: 'vector-store is held', facts: { since: NOW } });
    expect(seen).toEqual([['alice', HOLD]]);
  });

  it('takes questions', async () => {
    const seen: Query[] = [];
    const report = { environment: 'local', at: NOW, credentials: [], deadLetters: 0 };
    const socket = await aRuntime({ report: async (query) => (seen.push(query), report) });
    expect(await to(socket).query('status', { credential: 'vector-store' })).toEqual(report);
    expect(seen).toEqual([{ query: 'status', credential: 'vector-store' }]);
  });

  it('takes a value in the body of a request, and nowhere else', async () => {
    const put: [string, string][] = [];
    const socket = await aRuntime({
      putFirst: async (credential, value) => void put.push([credential, value.reveal()]),
    });
    await to(socket).putFirst('openai-admin', new Secret('a fake "value"'));
    expect(put).toEqual([['openai-admin', 'a fake "value"']]);
  });

  it('brings our errors back with their code, and of a foreign one none of its text', async () => {
    const errors = [new LockstepError('HELD', 'held by bob', { retryAfterSeconds: 3 }), new Error('hunter2')];
    const socket = await aRuntime({ operate: () => Promise.reject(errors.shift() ?? new Error('too many')) });
    await expect(to(socket).order(HOLD)).rejects.toMatchObject({ code: 'HELD', message: 'held by bob' });
    const foreign: unknown = await to(socket)
      .order(HOLD)
      .catch((error: unknown) => error);
    expect(foreign).toMatchObject({ code: 'SERVER_FAILED' });
    expect(String(foreign)).not.toContain('hunter2');
  });
});

describe('a runtime that does not answer as one', () => {
  it('says of an order whose answer was lost that it may have been carried out', async () => {
    const socket = join(folder, 'control.sock');
    const server = createServer((request) => request.socket.destroy());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const lost = await to(socket)
      .order(HOLD)
      .catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: 'NOTHING_REACHABLE' });
    expect(String(lost)).toContain('may have been carried out');
    expect(String(lost)).toContain('lockstep history vector-store');
    // A question has no effect that could be lost.
    const question = await to(socket)
      .query('status', {})
      .catch((error: unknown) => error);
    expect(question).toMatchObject({ code: 'NOTHING_REACHABLE' });
    expect(String(question)).not.toContain('carried out');
  });

  it('does not wait for a runtime that hangs', async () => {
    const socket = join(folder, 'control.sock');
    const server = createServer(() => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const hung = await to(socket, { orderSeconds: 0.1, querySeconds: 0.1 })
      .query('status', {})
      .catch((error: unknown) => error);
    expect(hung).toMatchObject({ code: 'NOTHING_REACHABLE' });
    expect(String(hung)).toContain('did not answer within 0.1 s');
  });

  it.each([
    ['a list where an object belongs', []],
    ['a report without its credentials', { environment: 'local', at: NOW }],
    ['nothing', null],
  ])('refuses an answer that no runtime of this version gives: %s', async (_what, answer) => {
    const socket = await aRuntime({ report: async () => answer, operate: async () => answer });
    await expect(to(socket).query('status', {})).rejects.toMatchObject({ code: 'NOTHING_REACHABLE' });
    await expect(to(socket).order(HOLD)).rejects.toMatchObject({ code: 'NOTHING_REACHABLE' });
  });
});
