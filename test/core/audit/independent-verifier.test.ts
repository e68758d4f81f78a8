import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FileHeadStore } from '../../../embedded/audit/file-head-store.ts';
import { SqliteAuditStore } from '../../../embedded/audit/sqlite-audit-store.ts';
import { FileSigner } from '../../../embedded/signer/file-signer.ts';
import { appendAudit } from '../../../lambdas/append-audit/append-audit.ts';
import { codeBlocks } from '../../docs/code-blocks.ts';
import { run, runs } from '../../docs/run-program.ts';
import { inTempFolder, type TempFolder } from '../../fakes/temp-folder.ts';
import { ORIGIN, writeSealedLog, type ExportedLog } from './a-sealed-log.ts';

const VERIFIER = fileURLToPath(new URL('../../../docs/formats/verify-audit.py', import.meta.url));
const FOLDER = new URL('../../vectors/audit/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as ExportedLog & {
    readonly faults: readonly string[];
  };

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

/** Writes logs as an export does, one JSON text a line, and has the verifier judge each; in one process, to be quick. */
async function judged(
  folder: TempFolder,
  logs: readonly (ExportedLog & { readonly name: string })[],
  env: Readonly<Record<string, string>>,
): Promise<unknown> {
  const lines = (values: readonly unknown[]): string =>
    values.map((value) => `${JSON.stringify(value)}\n`).join('');
  for (const { name, records, heads } of logs) {
    writeFileSync(folder.at(`${name}.records`), lines(records));
    writeFileSync(folder.at(`${name}.heads`), lines(heads));
  }
  const order = logs.map(({ name, publicKeys }) => [name, publicKeys]);
  const ran = await run('python3', ['-c', JUDGE_ALL, VERIFIER, folder.at(), ORIGIN, JSON.stringify(order)], {
    env,
  });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ran.stdout);
}

/** Runs the verifier as a program of its own for each log: its code, and the kinds of fault that it printed. */
const JUDGE_ALL = `
import contextlib, io, json, re, runpy, sys
verifier, folder, origin, order = sys.argv[1:]
verdicts = []
for name, keys in json.loads(order):
    sys.argv = [verifier, f"{folder}/{name}.records", f"{folder}/{name}.heads", origin, *keys]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            runpy.run_path(verifier, run_name="__main__")
        except SystemExit as end:
            code = end.code
    kinds = sorted(set(re.findall(r"^[a-z-]+(?= )", said.getvalue(), re.M)))
    verdicts.append({"name": name, "code": code, "kinds": kinds})
print(json.dumps(verdicts))
`;

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
      const logs = NAMES.map((name) => ({ ...read(name), name }));
      const expected = logs.map(({ name, faults }) => ({
        name,
        code: faults.length > 0 ? 1 : 0,
        kinds: [...faults].sort(),
      }));
      expect(await judged(folder(), logs, env)).toEqual(expected);
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
      mkdirSync(folder().at('.lockstep', 'stores'), { recursive: true });
      const chains = new SqliteAuditStore(folder().at('.lockstep', 'stores', 'audit.sqlite'));
      const heads = new FileHeadStore(folder().at('.lockstep', 'heads'));
      const signer = new FileSigner(folder().at('.lockstep-keys', 'seal.pem'));
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

/** The commands of the page that export, and the key that they find. */
const EXPORT = [
  ...(codeBlocks('docs/formats/audit.md', 'sh')[0] ?? '')
    .split('\n')
    .filter((line) => !line.startsWith('python3 docs/')),
  'echo "$key"',
].join('\n');
