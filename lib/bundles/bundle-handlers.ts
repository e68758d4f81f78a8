import { buildSync, type OutputFile } from 'esbuild';
import { join } from 'node:path';
import type { FunctionName } from '../../lambdas/contracts/names.ts';
import { BUNDLE_OPTIONS, REQUIRE_BANNER } from './bundle-options.ts';
import { filesBeside } from './files-beside.ts';
import type { Handler } from './handlers.ts';

/** One function's code as it is deployed. */
export interface Bundle {
  readonly name: FunctionName;
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  /** Whether it reads an inventory, which then has to lie beside it. */
  readonly readsInventory: boolean;
  /** Whether it decides by policies, which then have to lie beside it. */
  readonly readsPolicies: boolean;
  /** What else its code loads from beside itself: from where, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** The bundles of all functions. */
export type Bundles = ReadonlyMap<FunctionName, Bundle>;

/** The repository: handlers are reached by path and never imported. */
const ROOT = join(import.meta.dirname, '..', '..');
const INVENTORY_READER = 'lambdas/adapters/inventory-file/inventory-file.ts';
const POLICY_READER = 'lambdas/cedar/policy-file.ts';
/** Nothing is written there; the maps tell where sources are as seen from it. */
const OUTPUT = 'cdk.out/bundles';

/**
 * Bundles handlers in one run of esbuild: it is a fraction of the time of one run each, and one environment's
 * functions have the same code as the other's.
 */
export function bundleHandlers(handlers: readonly Handler[]): Bundles {
  const plain = run(handlers);
  const asking = handlers.filter(({ name }) => asksForRequire(plain, name));
  const bundles = asking.length === 0 ? plain : new Map([...plain, ...run(asking, REQUIRE_BANNER)]);
  return new Map(handlers.flatMap(({ name }) => entryOf(bundles, name)));
}

const asksForRequire = (bundles: Bundles, name: FunctionName): boolean =>
  Buffer.from(bundles.get(name)?.code ?? []).includes('Dynamic require of');

const entryOf = (bundles: Bundles, name: FunctionName): readonly (readonly [FunctionName, Bundle])[] => {
  const bundle = bundles.get(name);
  return bundle ? [[name, bundle]] : [];
};

function run(handlers: readonly Handler[], banner?: string): Bundles {
  const { outputFiles, metafile } = buildSync({
    ...BUNDLE_OPTIONS,
    entryPoints: handlers.map(({ name, path }) => ({ in: path, out: `${name}/index` })),
    absWorkingDir: ROOT,
    outdir: OUTPUT,
    write: false,
    metafile: true,
    ...(banner === undefined ? {} : { banner: { js: banner } }),
  });
  const bundleOf = ({ name }: Handler): readonly [FunctionName, Bundle] => {
    const path = `${OUTPUT}/${name}/index.mjs`;
    const [code = NOTHING, map = NOTHING] = [path, `${path}.map`].map((each) =>
      contentsOf(outputFiles, each),
    );
    return [name, { name, code, map, ...whatItReads(Object.keys(metafile.outputs[path]?.inputs ?? {})) }];
  };
  return new Map(handlers.map(bundleOf));
}

const NOTHING = new Uint8Array();

/** By the sources that ended up in it. */
const whatItReads = (
  inputs: readonly string[],
): Pick<Bundle, 'readsInventory' | 'readsPolicies' | 'files'> => ({
  readsInventory: inputs.includes(INVENTORY_READER),
  readsPolicies: inputs.includes(POLICY_READER),
  files: filesBeside(ROOT, inputs),
});

function contentsOf(files: readonly OutputFile[], path: string): Uint8Array {
  const found = files.find((file) => file.path === join(ROOT, path));
  if (found) return found.contents;
  throw new Error(`esbuild wrote no ${path}`);
}
