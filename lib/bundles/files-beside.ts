import { join } from 'node:path';

/** Files that a package loads from beside itself when it starts, by the module that does: a bundler takes modules alone. */
const FILES_BESIDE: Readonly<Record<string, string>> = {
  'node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm.js': 'cedar_wasm_bg.wasm',
};

/**
 * The files that have to lie beside a bundle: where each is, by its name.
 *
 * @param inputs paths of the bundle's modules, from `root`; those of packages begin wherever packages are installed
 */
export const filesBeside = (root: string, inputs: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(FILES_BESIDE).flatMap(([module, file]) =>
      inputs
        .filter((input) => input === module || input.endsWith(`/${module}`))
        .map((input) => [file, join(root, input, '..', file)] as const),
    ),
  );
