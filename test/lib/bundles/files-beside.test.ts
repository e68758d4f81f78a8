import { expect, it } from 'vitest';
import { filesBeside } from '../../../lib/bundles/files-beside.ts';

const ENGINE = 'node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm.js';

it.each([
  ['here', ENGINE, '/app/node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm'],
  [
    'elsewhere',
    `../shared/${ENGINE}`,
    '/shared/node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm',
  ],
])('finds what the policy engine loads where packages are installed %s', (_where, input, file) => {
  expect(filesBeside('/app', ['lambdas/grant-lease/handler.ts', input])).toEqual({
    'cedar_wasm_bg.wasm': file,
  });
});

it('finds nothing for a bundle without it', () => {
  expect(filesBeside('/app', ['lambdas/grant-lease/handler.ts', `lambdas/not-${ENGINE}`])).toEqual({});
});
