import { join } from 'node:path';

/** Files that a package loads from beside itself when it starts, by the module that does: a bundler takes modules alone. */
const FILES_BESIDE: Readonly<Record<string, string>> = {
  'node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm.js': 'cedar_wasm_bg.wasm',
};

/** The files that have to lie beside a bundle: where each is, by its name. */
export const filesBeside = (root: string, inputs: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(FILES_BESIDE)
      .filter(([module]) => inputs.includes(module))
      .map(([module, file]) => [file, join(root, module, '..', file)]),
  );
