import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { writePassFiles } from '../../../client/proxy/pass-files.ts';
import { passSettings } from '../../../client/proxy/pass-settings.ts';
import type { EgressRule } from '../../../lambdas/core/access/access-inventory.ts';
import { aSetting, closing } from '../doubles/closing.ts';

const keep = closing();
const PLACE = { port: 3128, authority: '/a.pem', trusted: '/t.pem' };

const settingsFor = async (rule: Partial<EgressRule>): Promise<Readonly<Record<string, string>>> =>
  passSettings((await aSetting(keep, { rule })).granted, PLACE);

describe('the settings of a pass', () => {
  it('lead everything that is encrypted through the proxy, with its secret, and leave this machine alone', async () => {
    const settings = await settingsFor({ host: 'api.test', network: 'public' });
    expect(settings['HTTPS_PROXY']).toMatch(/^http:\/\/pass-1:[\w-]{43}@127\.0\.0\.1:3128$/);
    expect(settings['https_proxy']).toBe(settings['HTTPS_PROXY']);
    expect(settings['HTTP_PROXY']).toBeUndefined();
    expect(settings['http_proxy']).toBeUndefined();
    expect(settings['NO_PROXY']).toBe('localhost,127.0.0.1,::1');
    expect([settings['NODE_EXTRA_CA_CERTS'], settings['SSL_CERT_FILE']]).toEqual(['/a.pem', '/t.pem']);
  });

  it('lead what is not encrypted through it too, where a lease is for this machine', async () => {
    const settings = await settingsFor({ host: 'LOCALHOST', network: 'loopback' });
    expect(settings['HTTP_PROXY']).toBe(settings['HTTPS_PROXY']);
    expect(settings['no_proxy']).toBe('127.0.0.1,::1');
  });
});

describe('the files of a pass', () => {
  it('can be read by this user alone, say the settings to a shell, and are taken away', async () => {
    const { granted } = await aSetting(keep);
    const files = await writePassFiles(granted, 3128, {});
    const modes = [dirname(files.settingsFile), files.settingsFile, files.authorityFile];
    expect(modes.map((path) => statSync(path).mode & 0o077)).toEqual([0, 0, 0]);
    const printed = execFileSync('sh', ['-c', `set -a; . '${files.settingsFile}'; env`], {
      encoding: 'utf8',
      env: {},
    });
    for (const [name, value] of Object.entries(files.settings))
      expect(printed).toContain(`${name}=${value}\n`);
    expect(readFileSync(files.authorityFile, 'utf8')).toBe(granted.authority.certificate);
    await files.remove();
    expect(statSync(dirname(files.settingsFile), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('trust what was trusted before beside the authority of the pass', async () => {
    const { granted } = await aSetting(keep);
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-trusted-'));
    const [all, more] = [join(folder, 'all.pem'), join(folder, 'more.pem')];
    writeFileSync(all, 'ALL');
    writeFileSync(more, 'MORE');
    const trusted = async (environment: Parameters<typeof writePassFiles>[2]): Promise<string> => {
      const files = await writePassFiles(granted, 3128, environment);
      const text = readFileSync(files.settings['SSL_CERT_FILE'] ?? '', 'utf8');
      await files.remove();
      return text;
    };
    const own = granted.authority.certificate;
    try {
      expect(await trusted({ SSL_CERT_FILE: all, NODE_EXTRA_CA_CERTS: more })).toBe(`${own}\nALL\nMORE`);
      expect(await trusted({ SSL_CERT_FILE: '/not/there' })).toBe(`${own}\n`);
      expect(await trusted({})).toBe([own, ...rootCertificates].join('\n'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
