import type { EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { uidKey, type CedarUid } from '../cedar-words.ts';
import { plainUid } from '../scope.ts';

/** Every entity that a policy names, in its head and in its conditions. */
export const uidsIn = ({ principal, action, resource, conditions }: PolicyJson): readonly CedarUid[] =>
  uidsOf([principal, action, resource, conditions]);

/** Every entity that is named anywhere in a part of a policy, once. */
export function uidsOf(part: unknown): readonly CedarUid[] {
  const found: CedarUid[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isUid(value)) found.push(plainUid(value));
    else Object.values(value).forEach(look);
  };
  look(part);
  return [...new Map(found.map((uid) => [uidKey(uid), uid])).values()];
}

const isUid = (value: object): value is EntityUidJson =>
  '__entity' in value ||
  ('type' in value && 'id' in value && typeof value.type === 'string' && typeof value.id === 'string');
