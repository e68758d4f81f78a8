import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOfAddress } from '../../lambdas/outbound/address-class.ts';

describe('the class of an address', () => {
  it.each([
    ['1.1.1.1', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['::ffff:1.1.1.1', 'public'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['fd12:3456::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['169.254.169.254', 'infrastructure'],
    ['169.254.170.2', 'infrastructure'],
    ['fe80::1', 'infrastructure'],
    ['::ffff:169.254.169.254', 'infrastructure'],
    ['fd00:ec2::254', 'infrastructure'],
    ['fd20:ce::254', 'infrastructure'],
    ['fd00:0ec2:0:0:0:0:0:254', 'infrastructure'],
    ['100.100.100.200', 'infrastructure'],
    ['192.0.0.192', 'infrastructure'],
    ['168.63.129.16', 'infrastructure'],
  ] as const)('%s is %s', (address, expected) => {
    expect(classOfAddress(address)).toBe(expected);
  });
});

describe('an address that nobody should be called at', () => {
  it.each([
    ['unspecified', '0.0.0.0'],
    ['of the network this', '0.1.2.3'],
    ['unspecified', '::'],
    ['broadcast', '255.255.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['multicast', 'ff02::1'],
    ['for documentation', '192.0.2.1'],
    ['for documentation', '203.0.113.5'],
    ['for documentation', '2001:db8::1'],
    ['for benchmarks', '198.18.0.1'],
    ['of class E', '240.0.0.1'],
    ['6to4 relay', '192.88.99.1'],
    ['6to4, here of 127.0.0.1', '2002:7f00:1::'],
    ['NAT64, here of a metadata service', '64:ff9b::a9fe:a9fe'],
    ['NAT64 of a network of one’s own', '64:ff9b:1::a9fe:a9fe'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['site-local', 'fec0::1'],
    ['discard-only', '100::1'],
    ['not given out', '4000::1'],
    ['with a zone', 'fe80::1%eth0'],
    ['octal', '0177.0.0.1'],
    ['hexadecimal', '0x7f.0.0.1'],
    ['short', '127.1'],
    ['one number', '2130706433'],
    ['with leading zeros', '127.000.000.001'],
    ['no address', 'localhost'],
    ['empty', ''],
  ])('is %s: %s', (_what, address) => {
    expect(classOfAddress(address)).toBe('unusable');
  });
});

describe('the class of any address', () => {
  it('judges an IPv4 address and its mapped form alike', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(classOfAddress(`::ffff:${address}`)).toBe(classOfAddress(address));
      }),
    );
  });

  it('calls no IPv6 address outside 2000::/3 public', () => {
    const outside = fc.ipV6().filter((address) => !/^(2|3)[0-9a-f]{3}:|^::ffff:/.test(whatwg(address)));
    fc.assert(
      fc.property(outside, (address) => {
        expect(classOfAddress(address)).not.toBe('public');
      }),
    );
  });
});

/** The one form that WHATWG gives an address. */
const whatwg = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);
