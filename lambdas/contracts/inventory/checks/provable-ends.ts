import type { Check } from '../draft.ts';
import { problemAt } from '../problem.ts';

/**
 * A signing key has no target that could be asked whether it refuses the old value: its webhook receivers are asked
 * (docs/decisions/0021). Without one, the end of its first rotation would stay unknown for ever.
 */
export const checkProvableEnds: Check = ({ credentials }) =>
  credentials.flatMap(({ at, kind, dependents }) => {
    if (kind?.name !== 'random') return [];
    // One that could not be read may well be a webhook; whoever read it has reported it.
    const mayBeAsked = dependents.some((each) => each.kind === undefined || each.kind.name === 'webhook');
    if (mayBeAsked) return [];
    return [
      problemAt([...at, 'dependents'], {
        found: 'a signing key without a webhook among its dependents',
        allowed: 'at least one webhook, which can be asked whether it refuses the old key',
        mend: 'add the receiver that checks signatures with it as webhook(), with this key as its signingKey',
      }),
    ];
  });
