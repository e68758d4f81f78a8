import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readInventoryFile } from '../../lambdas/adapters/inventory-file/inventory-file.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';

const inventory: Inventory = {
  environment: 'staging',
  digest: 'd'.repeat(64),
  workloads: [{ name: 'rag-pipeline', principal: 'arn:aws:iam::111122223333:role/rag-pipeline' }],
  freezes: [{ from: '2026-12-24T00:00:00Z', until: '2026-12-27T00:00:00Z', reason: 'holidays' }],
  credentials: [
    {
      name: 'vector-store',
      kind: 'postgres',
      family: 'postgres',
      strategy: 'two-slot',
      owner: 'retrieval-team',
      authority: 'rag-db-admin',
      rotateEverySeconds: 604_800,
      boundTo: ['rag-pipeline'],
      adopters: [],
      dependents: [
        {
          name: 'rag-api',
          kind: 'webhook',
          workload: 'rag-pipeline',
          cacheTtlSeconds: 300,
          evidence: { applicationName: 'rag-api', poolLifetimeSeconds: 600, suffices: false },
          settings: { url: 'https://rag.example.com/hook' },
        },
      ],
      retire: {
        drainSeconds: 3600,
        soakSeconds: 86_400,
        deadlineSeconds: 172_800,
        onDeadline: 'hold-and-page',
      },
      target: { host: 'db.example.com', slots: ['rag_a', 'rag_b'] },
    },
  ],
};

let folder: string;
let beside: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-inventory-'));
  beside = pathToFileURL(join(folder, 'handler.mjs')).href;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string): void => writeFileSync(join(folder, 'inventory.json'), text);

it('reads the file that lies beside the handler', () => {
  write(JSON.stringify(inventory));
  expect(readInventoryFile(beside)).toEqual(inventory);
});

describe('is INVENTORY_INVALID', () => {
  const without = (path: readonly (string | number)[]): unknown => {
    const copy = structuredClone(inventory) as unknown;
    let at = copy as Record<string | number, unknown>;
    for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
    delete at[path.at(-1) ?? ''];
    return copy;
  };

  it.each([
    ['environment', ['environment']],
    ['credentials[0].retire.drainSeconds', ['credentials', 0, 'retire', 'drainSeconds']],
    [
      'credentials[0].dependents[0].evidence.suffices',
      ['credentials', 0, 'dependents', 0, 'evidence', 'suffices'],
    ],
    ['workloads[0].principal', ['workloads', 0, 'principal']],
  ])('where %s is missing, and says so', (named, path) => {
    write(JSON.stringify(without(path)));
    expect(() => readInventoryFile(beside)).toThrow(
      expect.objectContaining({
        code: 'INVENTORY_INVALID',
        message: expect.stringContaining(named) as string,
      }),
    );
  });

  it('where there is no such file', () => {
    expect(() => readInventoryFile(beside)).toThrow(
      expect.objectContaining({
        code: 'INVENTORY_INVALID',
        message: expect.stringContaining('ENOENT') as string,
      }),
    );
  });

  it('where it is not JSON, and quotes nothing of it', () => {
    write('{"environment": not-a-real');
    expect(() => readInventoryFile(beside)).toThrow(
      expect.objectContaining({
        code: 'INVENTORY_INVALID',
        message: expect.not.stringContaining('not-a-real') as string,
      }),
    );
  });
});
