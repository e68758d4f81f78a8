import { expect, it } from 'vitest';
import { resolveInventory } from '../../../../lambdas/contracts/inventory/index.ts';
import { aLocalWorld, aWorkspace, problemsWith } from '../a-workspace.ts';

const endpoint = (host: string) => ({ 'credentials.db-admin.endpoint.staging': { host } });
const URL_FIELDS = [
  'credentials.store.dependents.0.url.staging',
  'credentials.api-hook.dependents.0.url.staging',
];
const url = (text: string) => Object.fromEntries(URL_FIELDS.map((field) => [field, text]));
const HOSTS_FIELDS = [
  'credentials.store.dependents.0.allowHosts',
  'credentials.api-hook.dependents.0.allowHosts',
];
const allowing = (...hosts: readonly string[]) =>
  Object.fromEntries(HOSTS_FIELDS.map((field) => [field, hosts]));

it.each([
  'localhost',
  'db.localhost',
  'LOCALHOST',
  '127.0.0.1',
  '127.1',
  '0x7f.0.0.1',
  '0.0.0.0',
  '::1',
  '::ffff:127.0.0.1',
])('refuses the loopback host %s of a target on AWS, however it is spelt', (host) => {
  expect(
    problemsWith(endpoint(host)).filter(({ found }) => found.startsWith('the loopback host')),
  ).toMatchObject([
    {
      path: 'credentials.db-admin.endpoint.staging',
      allowed: 'a host that a function on AWS can reach: no loopback and no link-local address',
      mend: 'name the real host; for one machine there is the environment local',
    },
  ]);
});

it.each(['169.254.169.254', 'fe80::1', 'fd00:ec2::254', 'metadata.google.internal'])(
  'refuses the address %s, where clouds serve credentials',
  (host) => {
    expect(problemsWith(endpoint(host))).toMatchObject([{ found: `the link-local host "${host}"` }]);
  },
);

it.each(['10.1.2.3', '192.168.0.7', '172.16.0.9', 'fd12::7'])(
  'takes the private address %s for a database: that is where databases are',
  (host) => {
    expect(problemsWith(endpoint(host))).toEqual([]);
  },
);

it('refuses a dependent at a private address unless that host is allowed by name', () => {
  expect(problemsWith(url('https://10.1.2.3/hook'))).toEqual([
    {
      path: 'credentials.api-hook.dependents[0].url.staging',
      found: 'the private host "10.1.2.3"',
      allowed: 'a public host, or a private one that allowHosts names',
      mend: 'add 10.1.2.3 to allowHosts, if it is meant',
    },
    {
      path: 'credentials.store.dependents[0].url.staging',
      found: 'the private host "10.1.2.3"',
      allowed: 'a public host, or a private one that allowHosts names',
      mend: 'add 10.1.2.3 to allowHosts, if it is meant',
    },
  ]);
  expect(problemsWith({ ...url('https://10.1.2.3/hook'), ...allowing('10.1.2.4') })).toHaveLength(2);
  expect(problemsWith({ ...url('https://10.1.2.3/hook'), ...allowing('10.1.2.3') })).toEqual([]);
});

it('refuses a dependent on loopback even where that host is allowed', () => {
  const problems = problemsWith({ ...url('https://127.0.0.1/hook'), ...allowing('127.0.0.1') });
  expect(problems.map(({ found }) => found)).toContain('the loopback host "127.0.0.1"');
});

it('refuses plain http, to a provider and to a dependent', () => {
  expect(problemsWith({ 'credentials.model-admin.apiUrl': 'http://api.example.com/v1' })).toEqual([
    {
      path: 'credentials.model-admin.apiUrl',
      found: 'plain http to "api.example.com"',
      allowed: 'https; http is for loopback in local alone',
      mend: 'write https',
    },
  ]);
  expect(problemsWith(url('http://api.example.com/hook'))).toMatchObject([
    { path: 'credentials.api-hook.dependents[0].url.staging' },
    { path: 'credentials.store.dependents[0].url.staging' },
  ]);
});

it('says all that is wrong with one URL', () => {
  expect(
    problemsWith({ 'credentials.model-admin.apiUrl': 'http://localhost:8080/v1' }).map(({ found }) => found),
  ).toEqual(['the loopback host "localhost"', 'plain http to "localhost"']);
});

it('takes plain http to loopback in the embedded world, and refuses everything that is not loopback', () => {
  const resolve = (fields: Record<string, unknown>) =>
    resolveInventory(aWorkspace(), 'local', { localWorld: aLocalWorld(fields) }).problems ?? [];
  expect(resolve({})).toEqual([]);
  expect(resolve({ 'db-admin.endpoint': { host: 'db.example.com' } })).toEqual([
    {
      path: 'credentials.db-admin.endpoint',
      found: 'the host "db.example.com", in the environment local',
      allowed: 'loopback alone: the embedded world reaches nothing outside its machine',
      mend: 'have the embedded world serve this name on 127.0.0.1',
    },
  ]);
  expect(resolve({ 'model-admin.apiUrl': 'https://10.0.0.1/v1' })).toHaveLength(1);
});
