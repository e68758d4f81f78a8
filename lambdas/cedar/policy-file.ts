import { readFileSync } from 'node:fs';
import { foreignName, LockstepError } from '../core/errors.ts';
import { parsePolicyBundle, POLICY_FILE, type PolicyBundle } from './policy-bundle.ts';

/**
 * Reads the policies that lie beside a function, once per cold start: changed policies are a new deployment.
 *
 * @param beside the module that they lie beside: `import.meta.url` of the handler
 * Errors: `POLICY_INVALID`: a broker that cannot decide must not start.
 */
export function readPolicyFile(beside: string | URL): PolicyBundle {
  return parsePolicyBundle(read(new URL(POLICY_FILE, beside)));
}

function read(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LockstepError(
      'POLICY_INVALID',
      `${POLICY_FILE} beside the function cannot be read (${foreignName(error)}); synthesis puts it there, so deploy again`,
      { cause: error },
    );
  }
}
