import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Pass } from './pass.ts';
import { passSettings } from './pass-settings.ts';

/** What a program needs to use a pass, in a folder that only this user can read. */
export interface PassFiles {
  /** The environment that makes a program use it. */
  readonly settings: Readonly<Record<string, string>>;
  /** The same as a file that a shell can read: `set -a; . <path>`. */
  readonly settingsFile: string;
  /** The certificate of the authority. Its key is in no file. */
  readonly authorityFile: string;
  /** Takes all of it away. */
  remove(): Promise<void>;
}

/** The variables that say what is trusted beside the authorities of the system. */
export type Trusting = Readonly<Partial<Record<'SSL_CERT_FILE' | 'NODE_EXTRA_CA_CERTS', string | undefined>>>;

/**
 * Writes them. What the environment trusts already is trusted as before, in tunnels and on direct ways. A process that
 * is killed leaves the folder behind: a certificate without a key, and the secret of a proxy that is no more.
 */
export async function writePassFiles(pass: Pass, port: number, environment: Trusting): Promise<PassFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-proxy-'));
  const [authority, trusted, settingsFile] = ['authority.pem', 'trusted.pem', 'proxy.env'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const settings = passSettings(pass, { port, authority, trusted });
  const bundle = [pass.authority.certificate, ...(await alreadyTrusted(environment))].join('\n');
  await writeFile(authority, pass.authority.certificate, { mode: 0o600 });
  await writeFile(trusted, bundle, { mode: 0o600 });
  await writeFile(settingsFile, shellText(settings), { mode: 0o600 });
  return {
    settings,
    settingsFile,
    authorityFile: authority,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function alreadyTrusted({
  SSL_CERT_FILE: all,
  NODE_EXTRA_CA_CERTS: more,
}: Trusting): Promise<readonly string[]> {
  // A file that is not there is what its program would have found.
  const read = async (path: string | undefined): Promise<readonly string[]> =>
    path ? [await readFile(path, 'utf8').catch(() => '')] : [];
  return [...(all ? await read(all) : rootCertificates), ...(await read(more))];
}

/** Assignments that a shell reads as they are meant, whatever is in a path. */
const shellText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
    .join('');
