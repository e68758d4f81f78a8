import { describe, expect, it } from 'vitest';
import { leasedHere, serviceNames } from '../../../embedded/world/local-services.ts';
import { NO_ACCESS, type AccessInventory } from '../../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../../lambdas/core/credential.ts';

const anInventory = (access: Partial<AccessInventory>, dependents: readonly string[] = []): Inventory =>
  ({
    credentials: [{ name: 'vector-store', dependents: dependents.map((name) => ({ name })) }],
    access: { ...NO_ACCESS, ...access },
  }) as unknown as Inventory;

const agent = (workload: string) =>
  ({ name: `${workload}-mind`, owner: 'agents-team', workload, actsFor: 'itself' }) as const;
const leasable = (name: string) => ({ name }) as AccessInventory['leasables'][number];

describe('the services that run on this machine', () => {
  it('are the dependents, and the agents for which there are programs', () => {
    const inventory = anInventory({ agents: [agent('research-agent'), agent('night-agent')] }, [
      'rag-api',
      'embedder',
      'rag-api',
    ]);
    expect(serviceNames(inventory)).toEqual(['rag-api', 'embedder', 'research-agent']);
  });

  it('lease what their programs do, where the file has it and has the agent', () => {
    const leasables = [leasable('vector-owner'), leasable('model-session')];
    expect(leasedHere(anInventory({ agents: [agent('research-agent')], leasables }))).toEqual([
      'model-session',
    ]);
    expect(leasedHere(anInventory({ agents: [agent('night-agent')], leasables }))).toEqual([]);
    expect(leasedHere(anInventory({}))).toEqual([]);
  });
});
