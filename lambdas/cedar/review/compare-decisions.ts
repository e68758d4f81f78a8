import type { Inventory } from '../../core/credential.ts';
import type { EntityRef, PolicyAction } from '../../core/policy/policy-request.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import { askersOf } from './askers.ts';
import { appliesTo, asksOf, toldAsk } from './asks-of.ts';
import { openOverview } from './overview.ts';
import type { Prospect } from './prospects.ts';
import { roleSetsOf } from './role-sets.ts';

/** One version of a workspace: its policies, and its inventory in every environment. */
export interface Version {
  readonly bundle: PolicyBundle;
  readonly inventories: readonly Inventory[];
}

/** What one asker gets, as far as it can be told before anybody asks. */
export type Verdict = Pick<Prospect, 'outcome' | 'needs'>;

/** A decision that is another one in the other version. */
export interface DecisionChange {
  readonly environments: readonly string[];
  readonly asker: string;
  readonly actions: readonly PolicyAction[];
  readonly resource: EntityRef;
  readonly purpose?: string;
  /** Only by breaking the glass. */
  readonly breakGlass?: boolean;
  readonly before: Verdict;
  readonly after: Verdict;
}

/**
 * Every decision over the inventories that changes between two versions. Who or what is in one of them alone gets nothing
 * in the other. A condition that is written otherwise counts as changed, whether or not it means the same.
 */
export function compareDecisions(before: Version, after: Version): readonly DecisionChange[] {
  // What roles come to together has to be asked of both, whichever of them names the roles.
  const bundles = [before.bundle, after.bundle];
  const [old, now] = [verdictsOf(before, bundles), verdictsOf(after, bundles)];
  const turned = (key: string) => ({
    before: old.get(key)?.verdict ?? NEVER,
    after: now.get(key)?.verdict ?? NEVER,
  });
  const changes = [...new Map([...old, ...now]).entries()].flatMap(([key, { subject, apart }]) => {
    const change = turned(key);
    // Whoever has several roles finds at each of them what changes for it.
    const isTold = apart.map(turned).some((each) => alike(each, change));
    return same(change.before, change.after) || isTold ? [] : [{ subject, ...change }];
  });
  return grouped(withoutRepeats(changes));
}

const NEVER: Verdict = { outcome: 'never', needs: [] };

interface Subject {
  readonly environment: string;
  readonly asker: string;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly purpose?: string;
  readonly breakGlass?: boolean;
}

type Verdicts = ReadonlyMap<
  string,
  {
    readonly subject: Subject;
    readonly verdict: Verdict;
    /** The keys of the same for people with fewer roles. */
    readonly apart: readonly string[];
  }
>;

function verdictsOf({ bundle, inventories }: Version, bundles: readonly PolicyBundle[]): Verdicts {
  const fits = appliesTo(bundle.schema);
  return new Map(
    inventories.flatMap((inventory) => {
      const overview = openOverview(bundle, inventory);
      const { environment } = inventory;
      const askers = askersOf(inventory, roleSetsOf(bundles, inventory));
      return asksOf(inventory, fits, { askers }).map((ask) => {
        const subject = { environment, ...toldAsk(ask) };
        const { outcome, needs } = overview(ask);
        const apart = (ask.apart ?? []).map((each) => JSON.stringify({ environment, ...toldAsk(each) }));
        return [JSON.stringify(subject), { subject, verdict: { outcome, needs }, apart }] as const;
      });
    }),
  );
}

const same = (one: Verdict, other: Verdict): boolean =>
  one.outcome === other.outcome && one.needs.toSorted().join('\n') === other.needs.toSorted().join('\n');

const alike = (one: Turned, other: Turned): boolean =>
  same(one.before, other.before) && same(one.after, other.after);

interface Turned {
  readonly before: Verdict;
  readonly after: Verdict;
}

interface Change extends Turned {
  readonly subject: Subject;
}

/** What changes in the same way with and without broken glass is told once. */
function withoutRepeats(changes: readonly Change[]): readonly Change[] {
  const ordinary = new Set(
    changes.filter(({ subject }) => !subject.breakGlass).map((change) => changeKey(change, false)),
  );
  return changes.filter((change) => !change.subject.breakGlass || !ordinary.has(changeKey(change, false)));
}

const changeKey = ({ subject, before, after }: Change, breakGlass: boolean): string =>
  JSON.stringify([
    { ...subject, breakGlass: subject.breakGlass === undefined ? undefined : breakGlass },
    before,
    after,
  ]);

/** The same change of several actions, and then of several environments, is one. */
function grouped(changes: readonly Change[]): readonly DecisionChange[] {
  const byActions = merged(changes, ({ subject, ...change }) => [{ ...subject, action: '' }, change]).map(
    (all) => ({ ...all[0], actions: [...new Set(all.map(({ subject }) => subject.action))] }),
  );
  return merged(byActions, ({ subject, ...change }) => [
    { ...subject, environment: '', action: '' },
    change,
  ]).map((group) => {
    const [{ subject, actions, before, after }] = group;
    const { asker, resource, purpose, breakGlass } = subject;
    return {
      environments: group.map((each) => each.subject.environment),
      asker,
      actions,
      resource,
      ...(purpose === undefined ? {} : { purpose }),
      ...(breakGlass === undefined ? {} : { breakGlass }),
      before,
      after,
    };
  });
}

type Some<T> = readonly [T, ...T[]];

function merged<T>(all: readonly T[], keyOf: (each: T) => unknown): readonly Some<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const each of all) {
    const key = JSON.stringify(keyOf(each));
    const known = groups.get(key);
    if (known) known.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()];
}
