import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../lambdas/outbound/permitted-address.ts';

const to = (
  host: string,
  address: string,
  allowHosts: readonly string[] = [],
  protocol: 'http:' | 'https:' = 'https:',
) => refusalOf({ protocol, host, address, allowHosts });

describe('where a request may go', () => {
  it('goes to a public address by TLS, whatever the inventory says', () => {
    expect(to('hooks.example.com', '1.1.1.1')).toBeUndefined();
  });

  it('never goes to a public address without TLS, not even to a named host', () => {
    expect(to('hooks.example.com', '1.1.1.1', ['hooks.example.com'], 'http:')).toMatch(/http without TLS/);
  });

  it.each([['10.0.0.1'], ['100.64.0.1'], ['fd12::1']])(
    'goes inside (%s) only where the inventory names the host',
    (address) => {
      expect(to('hooks.internal', address)).toMatch(/private and allowHosts does not name it/);
      expect(to('hooks.internal', address, ['other.internal'])).toMatch(/private/);
      expect(to('hooks.internal', address, ['HOOKS.internal.'])).toBeUndefined();
    },
  );

  it('goes inside by TLS only', () => {
    expect(to('hooks.internal', '10.0.0.1', ['hooks.internal'], 'http:')).toMatch(/http without TLS/);
  });

  it('goes to loopback, with or without TLS, where the inventory names the host', () => {
    expect(to('127.0.0.1', '127.0.0.1', [], 'http:')).toMatch(/loopback and allowHosts does not name it/);
    expect(to('127.0.0.1', '127.0.0.1', ['127.0.0.1'], 'http:')).toBeUndefined();
    expect(to('localhost', '::1', ['localhost'], 'https:')).toBeUndefined();
  });

  it('goes to a metadata service only where the inventory names that very address', () => {
    expect(to('metadata.internal', '169.254.169.254', ['metadata.internal'])).toMatch(/metadata/);
    expect(to('169.254.169.254', '169.254.169.254')).toMatch(/metadata/);
    expect(to('169.254.169.254', '169.254.169.254', ['169.254.169.254'])).toBeUndefined();
  });

  it.each([['0.0.0.0'], ['224.0.0.1'], ['64:ff9b::7f00:1'], ['::127.0.0.1']])(
    'never goes to %s, named or not',
    (address) => {
      expect(to(address, address, [address])).toMatch(/reserved/);
    },
  );

  it('takes a host for no other that merely ends or begins alike', () => {
    expect(to('evil-hooks.internal', '10.0.0.1', ['hooks.internal'])).toBeDefined();
    expect(to('hooks.internal.evil', '10.0.0.1', ['hooks.internal'])).toBeDefined();
  });
});
