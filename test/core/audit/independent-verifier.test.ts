import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FileHeadStore } from '../../../embedded/audit/file-head-store.ts';
import { SqliteAuditStore } from '../../../embedded/audit/sqlite-audit-store.ts';
import { FileSigner } from '../../../embedded/signer/file-signer.ts';
import { appendAudit } from '../../../lambdas/append-audit/append-audit.ts';
import { run, runs } from '../../docs/run-program.ts';
import { inTempFolder, type TempFolder } from '../../fakes/temp-folder.ts';
import { ORIGIN, writeSealedLog, type ExportedLog } from './a-sealed-log.ts';

const VERIFIER = fileURLToPath(new URL('../../../docs/formats/verify-audit.py', import.meta.url));
const FOLDER = new URL('../../vectors/audit/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

const hasPython = runs('python3', '-c', 'import sys; assert sys.version_info >= (3, 9)');
/** Both ways in which it can check a signature, as far as this machine has them. */
const WAYS = [
  {
    by: 'the package cryptography',
    is: hasPython && runs('python3', '-c', 'from cryptography.hazmat.primitives.asymmetric import ed25519'),
    env: {},
  },
  {
    by: 'OpenSSL 3',
    is: hasPython && runs('sh', '-c', "openssl version | grep -q '^OpenSSL [3-9]'"),
    env: { USE_OPENSSL: '1' },
  },
];

interface Verdict {
  readonly code: number;
  readonly kinds: readonly string[];
  readonly said: string;
}

/** Writes a log as an export does, one JSON text a line, and has the verifier judge it. */
async function judged(
  folder: TempFolder,
  log: ExportedLog,
  env: Readonly<Record<string, string>>,
): Promise<Verdict> {
  const lines = (values: readonly unknown[]): string =>
    values.map((value) => `${JSON.stringify(value)}\n`).join('');
  writeFileSync(folder.at('records.jsonl'), lines(log.records));
  writeFileSync(folder.at('heads.jsonl'), lines(log.heads));
  return verdictOn(folder.at('records.jsonl'), folder.at('heads.jsonl'), log.publicKeys, env);
}

async function verdictOn(
  records: string,
  heads: string,
  publicKeys: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Verdict> {
  const ran = await run('python3', [VERIFIER, records, heads, ORIGIN, ...publicKeys], { env });
  const kinds = ran.stdout.match(/^[a-z-]+(?= )/gm) ?? [];
  return { code: ran.code, kinds: [...new Set(kinds)].sort(), said: ran.stdout + ran.stderr };
}

describe.each(WAYS)('verify-audit.py with $by', ({ by, is, env }) => {
  const folder = inTempFolder();
  const skipped = is ? '' : ` (skipped: python3 or ${by} is not here)`;

  it.skipIf(!is)(
    `finds in every published log what is wrong with it, and nothing else${skipped}`,
    async () => {
      const found: unknown[] = [];
      const expected: unknown[] = [];
      for (const name of NAMES) {
        const log = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as ExportedLog & {
          readonly faults: readonly string[];
        };
        const { code, kinds } = await judged(folder(), log, env);
        found.push({ name, code, kinds });
        expected.push({ name, code: log.faults.length > 0 ? 1 : 0, kinds: [...log.faults].sort() });
      }
      expect(found).toEqual(expected);
    },
    120_000,
  );
});

describe('a log of the embedded world, exported as docs/formats/audit.md says', () => {
  const folder = inTempFolder();
  const [way] = WAYS.filter(({ is }) => is);

  it.skipIf(!way || !runs('sh', '-c', 'openssl version'))(
    `verifies without anything of ours${way ? '' : ' (skipped: python3 or openssl is not here)'}`,
    async () => {
      // given a log that the embedded world has written and sealed into its files
      const chains = new SqliteAuditStore(folder().at('audit.sqlite'));
      const heads = new FileHeadStore(folder().at('heads'));
      const signer = new FileSigner(folder().at('keys', 'seal.pem'));
      const appender = appendAudit(chains, async () => undefined);
      await writeSealedLog({ appender, chains, heads, signer });

      // when it is exported by tools that know nothing of Lockstep, while it is still open
      const exported = await run('sh', ['-ec', EXPORT], { cwd: folder().at() });
      expect(exported).toMatchObject({ code: 0, stderr: '' });
      const key = exported.stdout.trim();
      const verdict = () =>
        verdictOn(folder().at('records.jsonl'), folder().at('heads.jsonl'), [key], way?.env ?? {});
      const intact = await verdict();

      // then it verifies, and one changed letter is found
      expect(intact).toMatchObject({ code: 0, kinds: [] });
      expect(intact.said).toContain('8 records in 3 chains');
      expect(intact.said).toContain('1 records younger than it');
      const records = readFileSync(folder().at('records.jsonl'), 'utf8');
      writeFileSync(
        folder().at('records.jsonl'),
        records.replace('proved by evidence', 'proved by evidencf'),
      );
      expect(await verdict()).toMatchObject({ code: 1, kinds: ['edited-record'] });
      chains.close();
    },
    60_000,
  );
});

/** The commands of the page, for a folder that holds one store, the heads and the key. */
const EXPORT = [
  `python3 -c "import sqlite3; [print(body) for (body,) in sqlite3.connect('audit.sqlite').execute('SELECT body FROM record')]" > records.jsonl`,
  'cat heads/*/*.json > heads.jsonl',
  'openssl pkey -in keys/seal.pem -pubout -outform DER | tail -c 32 | base64',
].join('\n');
