import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AttemptLog, type Attempt } from '../../../embedded/services/attempt-log.ts';
import { ModelCaller } from '../../../embedded/services/model-caller.ts';
import { readLines } from '../../../embedded/view/read-lines.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { inTempFolder } from '../../fakes/temp-folder.ts';

const folder = inTempFolder();
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Takes a key into use at a provider that serves once, and then as it is told. */
async function aCaller(then: RequestListener): Promise<ModelCaller> {
  let answered = 0;
  server = createServer((request, response) => {
    request.resume();
    answered += 1;
    if (answered === 1) response.end('{}');
    else then(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const log = new AttemptLog('summariser', folder().at('service'), () => new Date());
  const caller = new ModelCaller(log, `http://127.0.0.1:${port}/v1`);
  const value = new Secret(JSON.stringify({ apiKey: 'a fake key', keyId: 'key_1' }));
  await caller.takeIntoUse({ version: 'v1', value, fetchMs: 1 });
  return caller;
}
const attempts = () => readLines(folder().at('service', 'attempts.jsonl')) as readonly Attempt[];

describe('a service that calls the provider', () => {
  it('counts each call with the port it came from', async () => {
    const caller = await aCaller((_, response) => response.end('{}'));
    await caller.call();
    expect(attempts()).toMatchObject([
      { what: 'call', key: 'key_1', outcome: 'served' },
      { outcome: 'served' },
    ]);
    expect(attempts()[0]?.localPort).toBeGreaterThan(0);
  });

  it.each<[string, RequestListener, string]>([
    ['that is refused', (_, response) => response.writeHead(401).end('{}'), '401'],
    ['whose connection ends without an answer', (request) => request.socket.destroy(), 'ECONNRESET'],
    [
      'whose answer breaks off in the middle',
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"half');
        setTimeout(() => request.socket.destroy(), 50);
      },
      'cut short',
    ],
  ])('counts a call %s as failed, once, and goes on', async (_, then, code) => {
    const caller = await aCaller(then);
    await caller.call();
    expect(attempts().slice(1)).toMatchObject([{ outcome: 'failed', code }]);
    await caller.call();
    expect(attempts()).toHaveLength(3);
  });

  it('counts a call to nobody without a port: it has reached no provider', async () => {
    const caller = await aCaller((_, response) => response.end('{}'));
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    await caller.call();
    expect(attempts().at(-1)).toMatchObject({ outcome: 'failed', code: 'ECONNREFUSED' });
    expect(attempts().at(-1)).not.toHaveProperty('localPort');
  });

  it('does not take a key into use that does not work', async () => {
    const caller = await aCaller((_, response) => response.writeHead(401).end('{}'));
    const value = new Secret(JSON.stringify({ apiKey: 'another', keyId: 'key_2' }));
    await expect(caller.takeIntoUse({ version: 'v2', value, fetchMs: 1 })).rejects.toThrow(
      'does not work yet',
    );
    await caller.call();
    expect(attempts().map(({ key }) => key)).toEqual(['key_1', 'key_2', 'key_1']);
  });
});
