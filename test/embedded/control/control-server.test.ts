import { statSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openControl } from '../../../embedded/control/control-server.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();
let server: Server;
let orders: unknown[];
let values: (readonly [credential: string, value: string])[];
let trouble: unknown[];

beforeEach(async () => {
  [orders, values, trouble] = [[], [], []];
  server = await openControl(folder().at('control.sock'), {
    operate: async ({ name }, order) => {
      orders.push([name, order]);
      if (order.order === 'hold') throw new TypeError('a fault near sk-fakefakefake');
      if (order.order === 'rotate') throw new LockstepError('HELD', 'it is held');
      return { said: 'done', facts: {} };
    },
    report: async (query) => query,
    putFirst: async (credential, value) => void values.push([credential, value.reveal()]),
    onTrouble: (error) => trouble.push(error),
  });
});
afterEach(() => server.close());

function post(path: string, body: string, operator = 'anna'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath: folder().at('control.sock'),
        path,
        method: 'POST',
        headers: { 'x-lockstep-operator': operator },
      },
      (answer) => {
        let text = '';
        answer.on('data', (data: Buffer) => (text += data.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('the socket of the command line', () => {
  it('is for this user alone', () => {
    expect(statSync(folder().at('control.sock')).mode & 0o777).toBe(0o600);
  });

  it('takes an order under the name of whoever gives it, and a first value', async () => {
    const release = JSON.stringify({ order: 'release', credential: 'vector-store', reason: 'over' });
    expect(await post('/orders', release)).toMatchObject({ status: 200 });
    expect(orders).toEqual([['anna', { order: 'release', credential: 'vector-store', reason: 'over' }]]);
    await post('/orders', release, 'not a name\u00e9');
    expect(orders.at(-1)).toMatchObject(['unknown', {}]);
    await post('/first-values', JSON.stringify({ credential: 'vector-store', value: 'a value' }));
    expect(values).toEqual([['vector-store', 'a value']]);
  });

  it.each([
    ['/orders', '{"order": sk-fakefakefake'],
    ['/orders', '{"order":"explode","credential":"sk-fakefakefake"}'],
    ['/orders', JSON.stringify('sk-fakefakefake'.repeat(20_000))],
    ['/queries', '{"query":"sk-fakefakefake"}'],
    ['/first-values', '{"credential":"vector-store","value":""}'],
    ['/sk-fakefakefake', '{}'],
  ])('refuses what is none at %s, and repeats nothing of it: %#', async (path, body) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('MALFORMED_REQUEST');
    expect(answer.text).not.toContain('sk-fake');
    expect([orders, values, trouble]).toEqual([[], [], []]);
  });

  it('answers with our own failures, and tells the log of any other', async () => {
    const order = (name: string): string =>
      JSON.stringify({ order: name, credential: 'vector-store', reason: 'a reason' });
    expect(await post('/orders', order('rotate'))).toMatchObject({
      status: 409,
      text: expect.stringContaining('HELD') as string,
    });
    expect(trouble).toEqual([]);
    const fault = await post('/orders', order('hold'));
    expect(fault.status).toBe(500);
    expect(fault.text).not.toContain('sk-fake');
    expect(trouble).toHaveLength(1);
  });
});
