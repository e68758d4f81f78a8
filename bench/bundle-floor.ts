import { buildSync, type Metafile } from 'esbuild';
import { join } from 'node:path';
import { BUNDLE_OPTIONS, REQUIRE_BANNER } from '../lib/bundles/bundle-options.ts';
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
}

/** Packages that speak to a target by a protocol of its own. */
const DRIVERS = ['pg'];

/** Bundles a handler as it is deployed, and its floor with the same options. */
export function measureBundle({ name, path }: Handler): MeasuredBundle {
  const { code, metafile } = build({ entryPoints: [path] });
  const clients = clientsIn(metafile);
  const drivers = DRIVERS.filter((driver) =>
    inputsOf(metafile).some((input) => input.includes(`node_modules/${driver}/`)),
  );
  const contents = floorSource(clients, drivers);
  const floor = build({ stdin: { contents, resolveDir: ROOT, loader: 'ts' } });
  return { name, code, floor: floor.code, clients: [...clients.keys()], drivers };
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

function floorSource(clients: ReadonlyMap<string, readonly string[]>, drivers: readonly string[]): string {
  const imports = [...clients].map(([client, commands]) => {
    const name = clientClass(client);
    return {
      line: `import { ${[name, ...commands].join(', ')} } from '${client}';`,
      names: [name, ...commands],
    };
  });
  const wrapped = drivers.map((driver) => ({ line: `import ${driver} from '${driver}';`, names: [driver] }));
  const all = [...imports, ...wrapped];
  return `${all.map(({ line }) => line).join('\n')}\nexport const handler = () => [${all.flatMap(({ names }) => names).join(', ')}];\n`;
}

/** `@aws-sdk/client-secrets-manager` has `SecretsManagerClient`; four names are not spelled like their packages. */
function clientClass(client: string): string {
  const odd: Readonly<Record<string, string>> = {
    dynamodb: 'DynamoDB',
    eventbridge: 'EventBridge',
    kms: 'KMS',
    s3: 'S3',
    sns: 'SNS',
    sqs: 'SQS',
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
