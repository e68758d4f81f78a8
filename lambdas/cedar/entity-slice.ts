import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { uidKey, type CedarUid } from './cedar-words.ts';
import type { CedarEntity, Entities } from './entities.ts';

/**
 * The entities that a question can reach from some of them: through parents and attributes, as far as those go. A
 * decision over these is the decision over all (Cedar's "entity slicing"), and ten thousand others cost nothing.
 */
export interface EntitySlices {
  reach(from: readonly CedarUid[]): readonly CedarEntity[];
}

/** Remembers what each entity reaches: there are as many answers as entities, and they do not change. */
export function entitySlices(entities: Entities): EntitySlices {
  const reached = new Map<string, readonly CedarEntity[]>();
  const from = (uid: CedarUid): readonly CedarEntity[] => {
    const key = uidKey(uid);
    const known = reached.get(key);
    if (known) return known;
    const found = closure(entities, uid);
    reached.set(key, found);
    return found;
  };
  return {
    reach: (uids) => [
      ...new Map(uids.flatMap((uid) => from(uid).map((each) => [uidKey(each.uid), each]))).values(),
    ],
  };
}

function closure(entities: Entities, start: CedarUid): readonly CedarEntity[] {
  const seen = new Map<string, CedarEntity>();
  const waiting = [start];
  for (let uid = waiting.pop(); uid; uid = waiting.pop()) {
    const key = uidKey(uid);
    const found = entities.get(key);
    if (!found || seen.has(key)) continue;
    seen.set(key, found);
    waiting.push(...found.parents, ...Object.values(found.attrs).flatMap(referred));
  }
  return [...seen.values()];
}

/** The entities inside a value. */
function referred(value: CedarValueJson): readonly CedarUid[] {
  if (Array.isArray(value)) return value.flatMap(referred);
  if (typeof value !== 'object' || value === null) return [];
  const { __entity: uid } = value as { readonly __entity?: CedarUid };
  return uid ? [uid] : Object.values(value).flatMap(referred);
}
