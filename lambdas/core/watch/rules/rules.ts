import type { Sight } from '../sight.ts';
import { findingId, type Suspicion } from '../suspicion.ts';
import type { AccessRule } from '../finding.ts';
import type { Rule } from '../sight.ts';
import { deniedBurst } from './denied-burst.ts';
import { retiredVersionRead } from './retired-version-read.ts';
import { rootRead } from './root-read.ts';
import { rotationRoleWithoutIntent } from './rotation-role-without-intent.ts';
import { unboundRead } from './unbound-read.ts';

/** Every rule. A new one is a file and a line here; a name without a rule does not compile. */
const RULES: Readonly<Record<AccessRule, Rule>> = {
  'root-read': rootRead,
  'unbound-read': unboundRead,
  'denied-burst': deniedBurst,
  'retired-version-read': retiredVersionRead,
  'rotation-role-without-intent': rotationRoleWithoutIntent,
};

/** What all rules make of what one access shows, each suspicion once. */
export function judge(sights: readonly Sight[]): readonly Suspicion[] {
  const suspicions = sights.flatMap((sight) => Object.values(RULES).flatMap((rule) => rule(sight)));
  return [...new Map(suspicions.map((suspicion) => [findingId(suspicion), suspicion])).values()];
}
