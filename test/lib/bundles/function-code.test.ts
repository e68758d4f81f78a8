import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FunctionName } from '../../../lambdas/contracts/names.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';
import type { Bundle } from '../../../lib/bundles/bundle-handlers.ts';
import { TemporaryFunctionCode } from '../../../lib/bundles/function-code.ts';

const inventory: Inventory = {
  environment: 'staging',
  digest: '0',
  workloads: [],
  freezes: [],
  credentials: [],
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-function-code-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bundle = (more: Partial<Bundle> = {}): Bundle => ({
  name: 'grant-lease',
  code: Buffer.from('code'),
  map: Buffer.from('map'),
  readsInventory: false,
  readsPolicies: false,
  files: {},
  ...more,
});

/** Has the code of a function laid down as a synthesis does, and looks at what would be uploaded. */
function laidDown(one: Bundle, policies: string | undefined, name: FunctionName = one.name) {
  const code = new TemporaryFunctionCode(new Map([[one.name, one]]), policies);
  const stack = new Stack(new App({ outdir: join(folder, 'out') }), 'Probe');
  try {
    code.of(name, inventory).bind(stack);
    const asset = stack.node.tryFindChild('Code');
    const path = asset && 'assetPath' in asset ? String(asset.assetPath) : '';
    const read = (file: string): string | undefined => {
      const at = join(folder, 'out', path, file);
      return existsSync(at) ? readFileSync(at, 'utf8') : undefined;
    };
    return { index: read('index.mjs'), policies: read('policies.json'), engine: read('engine.wasm') };
  } finally {
    code.dispose();
  }
}

it('lays policies beside a function that decides by them, and beside no other', () => {
  expect(laidDown(bundle({ readsPolicies: true }), '{"policies":{}}')).toEqual({
    index: 'code',
    policies: '{"policies":{}}',
  });
  expect(laidDown(bundle(), '{"policies":{}}')).toEqual({ index: 'code' });
});

it('lays no function down that decides by policies where none were given', () => {
  expect(() => laidDown(bundle({ readsPolicies: true }), undefined)).toThrow(
    'grant-lease decides by policies, and none were given',
  );
});

it('lays beside the code what a package loads from beside itself', () => {
  const engine = join(folder, 'engine.wasm');
  writeFileSync(engine, 'wasm');
  expect(laidDown(bundle({ files: { 'engine.wasm': engine } }), undefined).engine).toBe('wasm');
});

it('has no code for a function without a handler', () => {
  expect(() => laidDown(bundle(), undefined, 'lease-nothing')).toThrow('lease-nothing has no handler');
});
