import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { httpDouble, type HttpDouble, type WireRequest } from '../../adapters/doubles/http-double.ts';
import { secretsManagerDouble } from '../../adapters/doubles/secrets-manager.ts';
import { fileInPage } from '../../docs/code-blocks.ts';
import { run, runs, type Ran } from '../../docs/run-program.ts';
import { inTempFolder, type TempFolder } from '../../fakes/temp-folder.ts';

const PAGE = 'docs/formats/acknowledgement.md';
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const VECTORS = new URL('../../vectors/acknowledgement/', import.meta.url);
const TAGS = fileURLToPath(new URL('tags.json', VECTORS));

interface Vectors {
  readonly tags: readonly {
    readonly value: string;
    readonly credential: string;
    readonly version: string;
    readonly rotation: string;
    readonly dependent: string;
    readonly nonce: string;
    readonly tag: string;
  }[];
}
const { tags } = JSON.parse(readFileSync(TAGS, 'utf8')) as Vectors;
const expectedTags = tags.map(({ tag }) => tag);

/** One language of the page: how its examples are laid down, and what runs them. */
interface Language {
  readonly name: string;
  /** What this machine lacks to make tags, or to do it all; `undefined` where it lacks nothing. */
  readonly lacks: { readonly tag?: string; readonly whole?: string };
  layDown(folder: TempFolder): void;
  /** Prints the tag of every vector as a JSON list. */
  tags(folder: TempFolder): Promise<Ran>;
  /** Moves from end to end; the value that was taken into use is what it prints. */
  move(folder: TempFolder, url: string, env: Readonly<Record<string, string>>): Promise<Ran>;
}

const write = (folder: TempFolder, name: string, text: string): void => writeFileSync(folder.at(name), text);

const typescript: Language = {
  name: 'TypeScript',
  lacks: {},
  layDown(folder) {
    symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), folder.at('node_modules'));
    write(folder, 'package.json', '{"type":"module"}');
    for (const file of ['tag.ts', 'move.ts']) write(folder, file, fileInPage(PAGE, 'ts', file));
    write(
      folder,
      'tags.ts',
      `import { readFileSync } from 'node:fs';
       import { acknowledgementTag } from './tag.ts';
       const { tags } = JSON.parse(readFileSync(${JSON.stringify(TAGS)}, 'utf8'));
       console.log(JSON.stringify(tags.map((each) => acknowledgementTag(each.value, each))));`,
    );
    write(
      folder,
      'main.ts',
      `import { move } from './move.ts';
       const [url, secretId, credential] = process.argv.slice(2);
       await move(url, secretId, credential, async (value) => void process.stdout.write(value));`,
    );
  },
  tags: (folder) => run(process.execPath, ['--import', TSX, folder.at('tags.ts')]),
  move: (folder, url, env) =>
    run(process.execPath, ['--import', TSX, folder.at('main.ts'), ...moveArguments(url)], { env }),
};

const python: Language = {
  name: 'Python',
  lacks: {
    ...(runs('python3', '--version') ? {} : { tag: 'python3', whole: 'python3' }),
    ...(runs('python3', '-c', 'import boto3') ? {} : { whole: 'boto3' }),
  },
  layDown(folder) {
    for (const file of ['tag.py', 'move.py']) write(folder, file, fileInPage(PAGE, 'python', file));
    write(
      folder,
      'tags.py',
      [
        'import json',
        'from tag import acknowledgement_tag',
        'parts = ("credential", "version", "rotation", "dependent", "nonce")',
        `vectors = json.load(open(${JSON.stringify(TAGS)}, encoding="utf-8"))["tags"]`,
        'print(json.dumps([acknowledgement_tag(v["value"], **{p: v[p] for p in parts}) for v in vectors]))',
      ].join('\n'),
    );
    write(
      folder,
      'main.py',
      [
        'import sys',
        'from move import move',
        'move(*sys.argv[1:], lambda value: sys.stdout.write(value))',
      ].join('\n'),
    );
  },
  tags: (folder) => run('python3', [folder.at('tags.py')]),
  move: (folder, url, env) => run('python3', [folder.at('main.py'), ...moveArguments(url)], { env }),
};

/**
 * Only on request (`LOCKSTEP_GO=1`), since Go first builds its library, which may take a minute. Its SDK is not in
 * this repository: what needs it is not run here.
 */
const go: Language = {
  name: 'Go',
  lacks: {
    ...(process.env['LOCKSTEP_GO'] === '1' && runs('go', 'list', 'crypto/hkdf')
      ? {}
      : { tag: 'Go 1.24 with LOCKSTEP_GO=1' }),
    whole: 'SDK for Go',
  },
  layDown(folder) {
    mkdirSync(folder.at('lockstep'));
    write(folder, 'go.mod', 'module example\n\ngo 1.24\n');
    write(folder, 'lockstep/tag.go', fileInPage(PAGE, 'go', 'tag.go'));
    write(
      folder,
      'main.go',
      `package main
       import ("encoding/json"; "os"; "example/lockstep")
       func main() {
         var vectors struct{ Tags []struct{ Value string; lockstep.Subject } }
         text, _ := os.ReadFile(os.Args[1])
         if err := json.Unmarshal(text, &vectors); err != nil { panic(err) }
         made := []string{}
         for _, each := range vectors.Tags {
           tag, err := lockstep.AcknowledgementTag(each.Value, each.Subject)
           if err != nil { panic(err) }
           made = append(made, tag)
         }
         json.NewEncoder(os.Stdout).Encode(made)
       }`,
    );
  },
  tags: (folder) =>
    run('go', ['run', '.', TAGS], {
      cwd: folder.at(),
      env: { GOTOOLCHAIN: 'local', GOPROXY: 'off' },
    }),
  move: () => Promise.reject(new Error('not run')),
};

const LANGUAGES = [typescript, python, go];

describe('the examples of docs/formats/acknowledgement.md make every tag of the vectors', () => {
  const folder = inTempFolder();
  for (const language of LANGUAGES) {
    const { tag: missing } = language.lacks;
    it.skipIf(missing !== undefined)(
      `in ${language.name}${missing === undefined ? '' : ` (skipped, it needs ${missing})`}`,
      async () => {
        language.layDown(folder());
        const ran = await language.tags(folder());
        expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\[/) as string });
        expect(JSON.parse(ran.stdout)).toEqual(expectedTags);
      },
      180_000,
    );
  }
});

describe('the examples of docs/formats/acknowledgement.md go all the way', () => {
  const folder = inTempFolder();
  for (const language of LANGUAGES) {
    const { whole: missing } = language.lacks;
    it.skipIf(missing !== undefined)(
      `in ${language.name}: read what is expected, prove it, signed as IAM asks${missing === undefined ? '' : ` (skipped, it needs ${missing})`}`,
      async () => {
        language.layDown(folder());
        // given a vault with the successor, and an endpoint that expects it of us
        const [vector] = tags;
        if (!vector) throw new Error('there is no vector');
        const vault = await secretsManagerDouble();
        vault
          .declare(SECRET)
          .versions.set(vector.version, { value: vector.value, labels: new Set(['AWSCURRENT']) });
        const endpoint = await endpointOf(vector.tag);
        try {
          // when the example runs, with the URL as the stack prints it
          const ran = await language.move(folder(), `${endpoint.url}/`, environmentOf(vault));
          // then the value that it used is the successor's, and its proof is the one of the vectors
          expect(ran).toMatchObject({ code: 0, stdout: vector.value });
          expect(endpoint.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
            'GET /expected',
            'POST /acknowledge',
          ]);
          for (const request of endpoint.requests) expect(isSignedRight(request, endpoint)).toBe(true);
        } finally {
          await vault.close();
          await endpoint.close();
        }
      },
      60_000,
    );
  }
});

const SECRET = 'lockstep/staging/vector-store';
const moveArguments = (url: string): readonly string[] => [url, SECRET, 'vector-store'];

const environmentOf = (vault: HttpDouble): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL_SECRETS_MANAGER: vault.url,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** The endpoint as far as one exchange of the vectors goes. */
async function endpointOf(tag: string): Promise<HttpDouble> {
  const { exchanges } = JSON.parse(readFileSync(new URL('exchanges.json', VECTORS), 'utf8')) as {
    readonly exchanges: readonly { readonly answer: { readonly body: unknown } }[];
  };
  return httpDouble('lambda', ({ method, path, query, body }) => {
    if (method === 'GET' && path === '/expected' && query['credential'] === 'vector-store')
      return { status: 200, body: JSON.stringify(exchanges[0]?.answer.body) };
    const isProof =
      method === 'POST' && path === '/acknowledge' && (JSON.parse(body) as { tag?: unknown }).tag === tag;
    return isProof ? { status: 200, body: '{"adopted":true,"repeated":false}' } : { status: 400 };
  });
}

/** Signature Version 4, made once more from what arrived (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
function isSignedRight({ method, path, query, headers, body }: WireRequest, { url }: HttpDouble): boolean {
  const [, date = '', signed = '', signature] =
    /Credential=test\/(\d{8})\/us-east-1\/lambda\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers['authorization'] ?? '',
    ) ?? [];
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const all: Readonly<Record<string, string>> = { ...headers, host: new URL(url).host };
  const canonical = [
    method,
    path,
    new URLSearchParams(query).toString(),
    ...signed.split(';').map((name) => `${name}:${all[name] ?? ''}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const scope = `${date}/us-east-1/lambda/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = ['us-east-1', 'lambda', 'aws4_request'].reduce(mac, mac('AWS4test', date));
  return mac(key, text).toString('hex') === signature;
}
