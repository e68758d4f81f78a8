import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatProblems,
  resolveInventory,
  serializeInventory,
} from '../../../lambdas/contracts/inventory/index.ts';
import { aLocalWorld, workspaceWith } from './a-workspace.ts';

const HOUR = 3600;
/** Hundreds of workspaces on a machine that may be busy. */
const PATIENCE_MS = 60_000;
const duration = (min: number, max: number) => fc.integer({ min, max }).map((seconds) => ({ seconds }));

/** Sound changes of every sort: names, times, texts, addresses. */
const soundChanges = fc.record({
  'owners.platform.contact': fc.string({ minLength: 1, maxLength: 100 }).filter((text) => text.trim() !== ''),
  'credentials.store.rotateEvery': duration(200 * HOUR, 24_000 * HOUR),
  'credentials.store.retire': fc.record(
    {
      afterAdoption: duration(HOUR, 40 * HOUR),
      soak: duration(0, 40 * HOUR),
      deadline: duration(2 * HOUR, 40 * HOUR),
      onDeadline: fc.constantFrom('hold-and-page', 'retire-anyway', 'roll-back'),
    },
    { requiredKeys: [] },
  ),
  'credentials.store.database': fc
    .stringMatching(/^[A-Z_a-oq-z][A-Za-z0-9_-]{0,62}$/)
    .filter((name) => name !== 'none'),
  'credentials.store.dependents.1.evidence.applicationName': fc.stringMatching(/^[\x20-\x7e]{1,63}$/),
  'credentials.store.dependents.1.cacheTtl': duration(0, HOUR),
  'credentials.db-admin.endpoint.staging': fc.record(
    { host: fc.domain(), port: fc.integer({ min: 1, max: 65_535 }) },
    { requiredKeys: ['host'] },
  ),
  'credentials.api-hook.bytes': fc.integer({ min: 24, max: 64 }),
});

it(
  'survives JSON, whatever sound thing was declared',
  () => {
    fc.assert(
      fc.property(soundChanges, fc.constantFrom('staging', 'production', 'local'), (changes, environment) => {
        const { inventory, problems } = resolveInventory(workspaceWith(changes), environment, {
          localWorld: aLocalWorld(),
        });
        expect(problems).toBeUndefined();
        expect(JSON.parse(JSON.stringify(inventory))).toStrictEqual(inventory);
        expect(inventory && JSON.parse(serializeInventory(inventory))).toStrictEqual(inventory);
      }),
    );
  },
  PATIENCE_MS,
);

/** Every place of a workspace that can be spoiled. */
function placesOf(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inside = Object.entries(value).flatMap(([key, child]) =>
    placesOf(child, at === '' ? key : `${at}.${key}`),
  );
  return at === '' ? inside : [at, ...inside];
}
const places = placesOf(workspaceWith({}));

it(
  'throws nothing about a file, however spoiled, and never both resolves and complains',
  () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...places), fc.oneof(fc.jsonValue(), fc.anything()), { maxKeys: 3 }),
        fc.constantFrom('staging', 'production', 'local'),
        (changes, environment) => {
          const spoiled = spoil(changes);
          const resolution = resolveInventory(spoiled, environment, { localWorld: aLocalWorld() });
          expect(Object.keys(resolution)).not.toEqual(expect.arrayContaining(['inventory', 'problems']));
          expect(resolution.problems).not.toEqual([]);
          expect(parsed(JSON.stringify(resolution.inventory))).toStrictEqual(resolution.inventory);
        },
      ),
      { numRuns: 300 },
    );
  },
  PATIENCE_MS,
);

/** Applies the changes whose place still exists: an earlier one may have taken it away. */
function spoil(changes: Readonly<Record<string, unknown>>): unknown {
  const workspace = workspaceWith({});
  for (const [place, value] of Object.entries(changes)) {
    const steps = place.split('.');
    const parent = steps
      .slice(0, -1)
      .reduce<unknown>((node, step) => (isRecord(node) ? node[step] : undefined), workspace);
    if (isRecord(parent)) parent[steps.at(-1) ?? ''] = value;
  }
  return workspace;
}

const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Texts as a person may paste them by mistake. None was ever a key of anything. */
const pasted = fc.oneof(
  fc.stringMatching(/^sk-admin-[A-Za-z0-9]{16,60}$/),
  fc.stringMatching(/^[0-9a-f]{31}[0-9]$/),
  fc.stringMatching(/^[A-Za-z0-9+/]{24,60}==$/).filter((text) => /[0-9]/.test(text) && /[a-z]/i.test(text)),
  fc.stringMatching(/^[A-Za-z0-9]{6,10}[!$%&?*][A-Za-z0-9]{6,10}$/),
  fc.constant('-----BEGIN PRIVATE KEY-----\nbm90IHJlYWwsIG5ldmVyIHdhcw==\n-----END PRIVATE KEY-----'),
);

it(
  'never prints a secret that was pasted anywhere, as a value or as a name',
  () => {
    fc.assert(
      fc.property(pasted, fc.constantFrom(...places), fc.boolean(), (secret, place, asName) => {
        const changes = asName
          ? { [`${parentOf(place)}.${secret.replaceAll('.', '')}`]: 1 }
          : { [place]: secret };
        const spoiled = spoil(changes);
        const { problems = [] } = resolveInventory(spoiled, 'staging');
        expect(formatProblems(problems)).not.toContain(secret);
        expect(JSON.stringify(problems)).not.toContain(JSON.stringify(secret).slice(1, -1));
      }),
      { numRuns: 500 },
    );
  },
  PATIENCE_MS,
);

const parentOf = (place: string): string => place.split('.').slice(0, -1).join('.');
