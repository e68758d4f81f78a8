import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { dial } from '../../lambdas/postgres/dial.ts';
import { isLoopback } from '../../lambdas/contracts/targets/endpoint.ts';

describe('which hosts may be spoken to in plain text', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.9.8.7', '::1'])('%s may', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(dial({ host, port: 5432 }).ssl).toBe(false);
  });

  it.each([
    'db.example.com',
    '10.0.0.1',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '0.0.0.0',
    '::',
    '1270.0.0.1',
    '',
  ])('%j may not', (host) => {
    expect(isLoopback(host)).toBe(false);
    expect(dial({ host, port: 5432 }).ssl).toMatchObject({ rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  });

  it('a loopback host with a declared CA may not', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(dial({ host: '127.0.0.1', port: 5432, ca }).ssl).toMatchObject({ ca, rejectUnauthorized: true });
  });

  it('a loopback name that led to another address is cut off before a word is sent', async () => {
    const { socket } = dial({ host: 'localhost', port: 5432 });
    // given that the hosts file sends it elsewhere
    Object.defineProperty(socket, 'remoteAddress', { value: '192.0.2.7' });
    const failure = once(socket, 'error');

    socket.emit('connect');

    expect((await failure)[0]).toMatchObject({ code: 'TARGET_REFUSES_TLS' });
    expect(socket.destroyed).toBe(true);
  });
});
