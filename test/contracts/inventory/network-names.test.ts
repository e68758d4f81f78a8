import { expect, it } from 'vitest';
import { canonicalHost, reachOf } from '../../../lambdas/contracts/inventory/network-names.ts';

it.each([
  ['localhost', 'loopback'],
  ['LocalHost.', 'loopback'],
  ['a.b.localhost', 'loopback'],
  ['127.0.0.1', 'loopback'],
  ['127.255.0.9', 'loopback'],
  ['2130706433', 'loopback'],
  ['0x7f000001', 'loopback'],
  ['0177.0.0.1', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['169.254.1.1', 'link-local'],
  ['169.254.169.254', 'link-local'],
  ['fe80::abcd', 'link-local'],
  ['fd00:ec2::254', 'link-local'],
  ['FD00:EC2:0::254', 'link-local'],
  ['255.255.255.255', 'link-local'],
  ['224.0.0.1', 'link-local'],
  ['10.0.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fd12:3456::1', 'private'],
  ['64:ff9b::a00:1', 'private'],
  ['172.32.0.1', 'public'],
  ['93.184.215.14', 'public'],
  ['2606:2800:21f::1', 'public'],
  ['db.example.com', 'public'],
  ['notlocalhost', 'public'],
  ['127.0.0.1.example.com', 'public'],
])('knows %s as %s', (host, reach) => {
  expect(reachOf(host)).toBe(reach);
});

it('has one spelling for every host', () => {
  expect(canonicalHost('API.Example.COM.')).toBe('api.example.com');
  expect(canonicalHost('0:0:0:0:0:0:0:1')).toBe('::1');
  expect(canonicalHost('no host at all')).toBe('no host at all');
});
