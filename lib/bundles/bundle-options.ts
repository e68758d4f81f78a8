import type { BuildOptions } from 'esbuild';

/**
 * How every handler is bundled. Whoever measures a bundle uses the same.
 *
 * The SDK goes in: what is not in the bundle is looked up in folders at each cold start, which takes more than twice
 * as long. Source maps name files and lines and hold no text: with it they would outweigh the code.
 */
export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // The SDK ships both; only its modules can be cut down to what is used.
  mainFields: ['module', 'main'],
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  // A package that loads a file from beside itself finds it beside the bundle (files-beside.ts): an ES module has no `__dirname`.
  define: { __dirname: 'import.meta.dirname' },
  // In Lambda credentials are in the environment; the other providers were a quarter of each bundle.
  alias: { '@aws-sdk/credential-provider-node': './lambdas/shell/environment-credentials.ts' },
  outExtension: { '.js': '.mjs' },
  logLevel: 'error',
} as const satisfies BuildOptions;

/**
 * Stands before a bundle that holds CommonJS which asks for built-ins by `require`: an ES module has none.
 * esbuild leaves a call of `__require` behind exactly where one is needed.
 */
export const REQUIRE_BANNER = `import{createRequire as lockstepRequire}from'node:module';const require=lockstepRequire(import.meta.url);`;
