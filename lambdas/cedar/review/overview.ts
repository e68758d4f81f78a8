import type { Inventory } from '../../core/credential.ts';
import type { EntityRef, PolicyAction } from '../../core/policy/policy-request.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import type { Part } from './askers.ts';
import { knownOf, toldAsk, type Ask } from './asks-of.ts';
import type { Known } from './partly-known.ts';
import { openProspects, type Outlook, type Prospect } from './prospects.ts';

/** Answers what may come of an ask, with all of its parts. */
export type Overview = (ask: Ask, known?: Known) => Prospect;

/**
 * Opens the policies for asks. An agent that acts for a person gets only what both get: nothing where one of them never
 * does, else what both need. Throws `POLICY_INVALID`.
 */
export function openOverview(bundle: PolicyBundle, inventory: Inventory): Overview {
  const prospects = openProspects(bundle, inventory);
  return ({ asker, action, resource, purpose, breakGlass }, known = {}) => {
    const asked = { purpose, breakGlass, ...knownOf(inventory, action, resource), ...known };
    const [first, ...others] = asker.parts;
    const outlook = (part: Part): Outlook => ({ part, action, resource, known: asked });
    return prospects(outlook(first), ...others.map(outlook));
  };
}

/** One line of an overview: what one asker gets of one resource, and how. */
export interface Line extends Prospect {
  readonly asker: string;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly purpose?: string;
  readonly breakGlass?: boolean;
}

/** The lines of those who ever get what they ask for. Breaking the glass is told where it makes a difference. */
export function linesOf(overview: Overview, asks: readonly Ask[]): readonly Line[] {
  const lines = asks
    .filter((ask) => isOfItsOwn(overview, ask))
    .map((ask) => ({ ...toldAsk(ask), ...overview(ask) }));
  const ordinary = new Map(
    lines.filter(({ breakGlass }) => !breakGlass).map((line) => [lineKey(line), told(line)]),
  );
  return lines.filter(
    (line) => line.outcome !== 'never' && !(line.breakGlass && ordinary.get(lineKey(line)) === told(line)),
  );
}

/** Whether people with several roles get something else than with fewer: else they find it there. */
function isOfItsOwn(overview: Overview, ask: Ask): boolean {
  return (ask.apart ?? []).every((each) => told(overview(each)) !== told(overview(ask)));
}

/** Whether an ask comes to anything, and not for people with fewer roles already. */
export const isReached = (overview: Overview, ask: Ask, known?: Known): boolean =>
  overview(ask, known).outcome !== 'never' &&
  (ask.apart ?? []).every((each) => overview(each, known).outcome === 'never');

const lineKey = ({ asker, action, resource, purpose = '' }: Line): string =>
  [asker, action, resource.type, resource.id, purpose].join('\n');

const told = ({ outcome, needs }: Pick<Prospect, 'outcome' | 'needs'>): string =>
  [outcome, ...needs].join('\n');
