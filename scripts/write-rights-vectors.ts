// Writes the vectors of the evaluator of rights that are made from our own templates. Run it when a policy gets a new
// operator or key: node --import tsx scripts/write-rights-vectors.ts
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { resourceVectors } from '../test/rights/generate/resource-vectors.ts';
import { roleVectors } from '../test/rights/generate/role-vectors.ts';
import type { VectorFile } from '../test/rights/vectors.ts';
import { synthesizeExample } from '../test/template/synthesized-app.ts';

async function write(name: string, file: VectorFile): Promise<void> {
  const text = await format(JSON.stringify(file), { parser: 'json', printWidth: 110 });
  writeFileSync(new URL(`../test/rights/vectors/${name}`, import.meta.url), text);
}

const app = synthesizeExample();
try {
  const staging = app.environments.find(({ name }) => name === 'staging');
  if (!staging) throw new Error('the example has no environment staging');
  await write('roles.json', roleVectors(staging));
  await write('resources.json', resourceVectors(staging));
} finally {
  app.dispose();
}
