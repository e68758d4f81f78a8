import type { Inventory } from '../../core/credential.ts';
import type { EntityRef, PolicyAction, PolicyContext } from '../../core/policy/policy-request.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import type { Asker } from './askers.ts';
import { conditionTexts, plain } from './conditions.ts';
import { openRemainders } from './prospects.ts';

/** What one policy says of a request. */
export interface Say {
  readonly id: string;
  readonly file: string;
  readonly effect: 'permit' | 'forbid';
  /** Whom it was asked about: an agent that acts for a person is two. */
  readonly of: string;
  readonly holds: 'yes' | 'no' | 'fails';
  /** Where it holds, as conditions of Cedar; nothing where it always does. */
  readonly where: readonly string[];
}

/** What is asked, with all of its circumstances. */
export interface SaysRequest {
  readonly asker: Asker;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly context: PolicyContext;
}

/**
 * What each policy says of a request that could hold for this principal and this resource; the ones that hold first.
 * Throws `POLICY_INVALID`.
 */
export function saysOf(
  bundle: PolicyBundle,
  inventory: Inventory,
  { asker, action, resource, context }: SaysRequest,
): readonly Say[] {
  const remainders = openRemainders(bundle, inventory);
  const says = asker.parts.flatMap((part): readonly Say[] => {
    const exactly = { ...context, ...(part.agent === undefined ? {} : { agent: part.agent }) };
    const now = new Map(
      remainders({ part, action, resource, known: { exactly } }).map(({ id, effect }) => [id, effect]),
    );
    return remainders({ part, action, resource }).map(({ id, effect, condition }) => ({
      id,
      file: bundle.policies[id]?.file ?? '',
      effect: effect === 'permit' ? 'permit' : 'forbid',
      of: part.principal.type === 'Person' ? (part.roles ?? []).join(', ') : part.principal.id,
      holds: now.get(id) === 'fails' ? 'fails' : now.has(id) ? 'yes' : 'no',
      where: conditionTexts(plain(condition)),
    }));
  });
  return [...says.filter(({ holds }) => holds !== 'no'), ...says.filter(({ holds }) => holds === 'no')];
}
