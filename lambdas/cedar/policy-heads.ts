import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { policyToJson } from './cedar-wasm.ts';
import { LockstepError } from '../core/errors.ts';
import type { PolicyBundle } from './policy-bundle.ts';

/** The policies of a bundle as Cedar's JSON has them, by id. Throws `POLICY_INVALID`. */
export function policyJsons({ policies }: PolicyBundle): ReadonlyMap<string, PolicyJson> {
  return new Map(
    Object.entries(policies).map(([id, { file, text }]) => {
      const answer = policyToJson(text);
      if (answer.type === 'success') return [id, answer.json];
      throw new LockstepError(
        'POLICY_INVALID',
        `the policy ${id} of ${file} cannot be parsed; lockstep policy check says where`,
      );
    }),
  );
}

/** The most approvals that are ever worth asking for. */
export const MOST_APPROVALS = 10;

/** How many approvals the policy speaks of, where it says so: `@approvals("2")`. */
export function approvalsOf({ annotations }: Pick<PolicyJson, 'annotations'>): number | undefined {
  const said = annotations?.['approvals'];
  const count = said !== undefined && /^\d{1,2}$/.test(said) ? Number(said) : undefined;
  return count !== undefined && count >= 1 && count <= MOST_APPROVALS ? count : undefined;
}
