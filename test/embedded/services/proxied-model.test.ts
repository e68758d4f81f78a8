import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PROXY_HEADER } from '../../../client/proxy/refusal.ts';
import type { Attempt, Outcome } from '../../../embedded/services/attempt-log.ts';
import { leasedAs } from '../../../embedded/services/attempt-log.ts';
import { ProxiedModel } from '../../../embedded/services/proxied-model.ts';

let proxy: Server | undefined;
afterEach(() => {
  proxy?.closeAllConnections();
  proxy?.close();
});

interface Noted extends Outcome {
  readonly what: Attempt['what'];
}

/** A model behind something that answers as a proxy does. */
async function aModel(answer: RequestListener) {
  const [seen, noted]: [IncomingMessage[], Noted[]] = [[], []];
  proxy = createServer((request, response) => {
    request.resume();
    seen.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy?.once('listening', resolve));
  const { port } = proxy.address() as AddressInfo;
  const log = {
    begin: (what: Attempt['what']) => (outcome: Outcome) => void noted.push({ what, ...outcome }),
  };
  const door = { port, login: 'pass-1:a fake secret', authority: '' };
  const model = new ProxiedModel(leasedAs('model-session', log), new URL('http://localhost:4242/v1/'), door);
  return { model, seen, noted };
}

describe('an agent that asks a model through the proxy', () => {
  it('shows its pass and no key, and counts the call by an id that the provider is told', async () => {
    const { model, seen, noted } = await aModel((_, response) => response.end('{}'));
    expect(await model.call()).toBe('served');
    const [request] = seen;
    expect(request?.url).toBe('http://localhost:4242/v1/chat/completions');
    expect(request?.headers.authorization).toBeUndefined();
    expect(request?.headers['proxy-authorization']).toBe(
      `Basic ${Buffer.from('pass-1:a fake secret').toString('base64')}`,
    );
    const id = request?.headers['x-client-request-id'];
    expect(noted).toEqual([{ what: 'call', leasable: 'model-session', id, outcome: 'served' }]);
  });

  it('counts no attempt where there is no lease: nothing has left', async () => {
    const { model, noted } = await aModel((_, response) =>
      response.writeHead(503, { [PROXY_HEADER]: 'LEASE_OVER' }).end('{}'),
    );
    expect(await model.call()).toBe('no lease');
    expect(noted).toEqual([]);
  });

  it.each<[string, RequestListener, boolean, string]>([
    ['that the provider refuses', (_, response) => response.writeHead(401).end('{}'), true, '401'],
    [
      'that the proxy could not send on',
      (_, response) => response.writeHead(502, { [PROXY_HEADER]: 'TARGET_UNREACHABLE' }).end('{}'),
      false,
      'TARGET_UNREACHABLE',
    ],
    ['without an answer', (request) => request.socket.destroy(), false, 'ECONNRESET'],
    [
      'whose answer breaks off in the middle',
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"half');
        setTimeout(() => request.socket.destroy(), 50);
      },
      true,
      'cut short',
    ],
  ])(
    'counts a call %s as failed, once, with its id if it reached the provider',
    async (_, answer, reached, code) => {
      const { model, noted } = await aModel(answer);
      expect(await model.call()).toBe('failed');
      expect(noted).toMatchObject([{ outcome: 'failed', code }]);
      expect(noted[0]?.id !== undefined).toBe(reached);
    },
  );
});
