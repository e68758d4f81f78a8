import { statSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openControl } from '../../../embedded/control/control-server.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();
let server: Server;
let orders: unknown[];
let values: (readonly [credential: string, value: string])[];
let trouble: unknown[];
let supplied: unknown[];

beforeEach(async () => {
  [orders, values, trouble, supplied] = [[], [], [], []];
  server = await openControl(folder().at('control.sock'), {
    operate: async ({ name }, order) => {
      orders.push([name, order]);
      if (order.order === 'hold') throw new TypeError('a fault near sk-fakefakefake');
      if (order.order === 'rotate') throw new LockstepError('HELD', 'it is held');
      return { said: 'done', facts: {} };
    },
    report: async (query) => query,
    putFirst: async (credential, value) => void values.push([credential, value.reveal()]),
    signToken: async (order) => new Secret(`token of ${order.issuer} for ${order.subject}`),
    putSupply: async (authority, version, value) => {
      supplied.push([authority, version, value.reveal()]);
      return { is: 'pending' };
    },
    proveSupply: async (authority) => {
      supplied.push([authority]);
      return { version: 'v2' };
    },
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

describe('what a person does to lease authorities and tokens over the socket', () => {
  it('has a token signed', async () => {
    const order = JSON.stringify({ issuer: 'okta', subject: 'ada', groups: ['analysts'] });
    expect(JSON.parse((await post('/tokens', order)).text)).toEqual({ token: 'token of okta for ada' });
  });

  it('puts a value, and has it proved', async () => {
    const value = { authority: 'rag-lease-admin', version: 'v2', value: 'sk-fakefakefake' };
    const put = await post('/supplies', JSON.stringify(value));
    expect(JSON.parse(put.text)).toEqual({ is: 'pending' });
    const proved = await post('/supplies/proof', JSON.stringify({ authority: 'rag-lease-admin' }));
    expect(JSON.parse(proved.text)).toEqual({ version: 'v2' });
    expect(supplied).toEqual([['rag-lease-admin', 'v2', 'sk-fakefakefake'], ['rag-lease-admin']]);
  });

  it.each([
    ['/tokens', '{"issuer":"okta","subject":"ada","groups":"sk-fakefakefake"}'],
    ['/supplies', '{"authority":"rag-lease-admin","version":"v2","value":{"is":"sk-fakefakefake"}}'],
    ['/supplies', '{"authority":"rag-lease-admin","value":"sk-fakefakefake"}'],
    ['/supplies/proof', '{"authority":["sk-fakefakefake"]}'],
  ])('is refused where it is none, and nothing of it is repeated: %s %#', async (path, body) => {
    const answer = await post(path, body);
    expect([answer.status, answer.text.includes('sk-fake'), supplied]).toEqual([400, false, []]);
  });
});
