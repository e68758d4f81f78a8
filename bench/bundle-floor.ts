import { buildSync, type Metafile } from 'esbuild';
import { join } from 'node:path';
import { BUNDLE_OPTIONS, REQUIRE_BANNER } from '../lib/bundles/bundle-options.ts';
import { filesBeside } from '../lib/bundles/files-beside.ts';
import type { Handler } from '../lib/bundles/handlers.ts';

const ROOT = join(import.meta.dirname, '..');

/** A handler's bundle beside the least that could do its work at all. */
export interface MeasuredBundle {
  readonly name: string;
  readonly code: Uint8Array;
  /** A bundle of nothing but the same SDK clients, the same commands of theirs, and the same driver. */
  readonly floor: Uint8Array;
  readonly clients: readonly string[];
  /** Drivers that are in the bundle. */
  readonly drivers: readonly string[];
  /** What both load from beside themselves: from where, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Packages that do what no handler could do without them, each with what a handler takes of it. */
const DRIVERS: readonly { readonly name: string; readonly folder: string; readonly line: string }[] = [
  { name: 'pg', folder: 'pg', line: "import driver0 from 'pg';" },
  { name: 'mysql2', folder: 'mysql2', line: "import { createConnection as driver1 } from 'mysql2/promise';" },
  { name: 'jose', folder: 'jose', line: "import { jwtVerify as driver2 } from 'jose';" },
  {
    name: 'cedar',
    folder: '@cedar-policy/cedar-wasm',
    line: "import { statefulIsAuthorized as driver3 } from '@cedar-policy/cedar-wasm/nodejs';",
  },
];

/** Bundles a handler as it is deployed, and its floor with the same options. */
export function measureBundle({ name, path }: Handler): MeasuredBundle {
  const { code, metafile } = build({ entryPoints: [path] });
  const clients = clientsIn(metafile);
  const inputs = inputsOf(metafile);
  const drivers = DRIVERS.filter(({ folder }) =>
    inputs.some((input) => input.includes(`node_modules/${folder}/`)),
  );
  const contents = floorSource(clients, drivers);
  const floor = build({ stdin: { contents, resolveDir: ROOT, loader: 'ts' } });
  return {
    name,
    code,
    floor: floor.code,
    clients: [...clients.keys()],
    drivers: drivers.map((driver) => driver.name),
    files: filesBeside(ROOT, inputs),
  };
}

function build(entry: {
  readonly entryPoints?: string[];
  readonly stdin?: { contents: string; resolveDir: string; loader: 'ts' };
}): {
  readonly code: Uint8Array;
  readonly metafile: Metafile;
} {
  const options = {
    ...BUNDLE_OPTIONS,
    // The floor is what anybody gets who imports the clients: with the SDK's whole chain of credential providers.
    alias: entry.stdin ? {} : BUNDLE_OPTIONS.alias,
    sourcemap: false,
    absWorkingDir: ROOT,
    write: false,
    metafile: true,
    outdir: 'nowhere',
  } as const;
  const plain = buildSync({ ...options, ...entry });
  const asks = Buffer.from(plain.outputFiles[0]?.contents ?? []).includes('Dynamic require of');
  const { outputFiles, metafile } = asks
    ? buildSync({ ...options, ...entry, banner: { js: REQUIRE_BANNER } })
    : plain;
  return { code: outputFiles[0]?.contents ?? new Uint8Array(), metafile };
}

const inputsOf = ({ outputs }: Metafile): readonly string[] =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );

/** The SDK clients of a bundle, each with the commands that are in it. */
function clientsIn(metafile: Metafile): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const input of inputsOf(metafile)) {
    const [, client, file] = /node_modules\/(@aws-sdk\/client-[\w-]+)\/dist-es\/(.+)\.js$/.exec(input) ?? [];
    if (client === undefined || file === undefined) continue;
    const command = /^commands\/(\w+Command)$/.exec(file)?.[1];
    found.set(client, [...(found.get(client) ?? []), ...(command === undefined ? [] : [command])]);
  }
  return found;
}

function floorSource(clients: ReadonlyMap<string, readonly string[]>, drivers: typeof DRIVERS): string {
  const imports = [...clients].map(([client, commands]) => {
    const name = clientClass(client);
    return {
      line: `import { ${[name, ...commands].join(', ')} } from '${client}';`,
      names: [name, ...commands],
    };
  });
  const wrapped = drivers.map(({ line }) => ({ line, names: [/driver\d/.exec(line)?.[0] ?? ''] }));
  const all = [...imports, ...wrapped];
  return `${all.map(({ line }) => line).join('\n')}\nexport const handler = () => [${all.flatMap(({ names }) => names).join(', ')}];\n`;
}

/** `@aws-sdk/client-secrets-manager` has `SecretsManagerClient`; seven names are not spelled like their packages. */
function clientClass(client: string): string {
  const odd: Readonly<Record<string, string>> = {
    dynamodb: 'DynamoDB',
    eventbridge: 'EventBridge',
    kms: 'KMS',
    s3: 'S3',
    sns: 'SNS',
    sqs: 'SQS',
    sts: 'STS',
  };
  const short = client.replace('@aws-sdk/client-', '');
  const name =
    odd[short] ??
    short
      .split('-')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('');
  return `${name}Client`;
}
