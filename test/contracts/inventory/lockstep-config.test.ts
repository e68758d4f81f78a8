import { describe, expect, it } from 'vitest';
import config from '../../../lockstep.config.ts';
import {
  checkWorkspace,
  FAST,
  resolveInventory,
  type LocalWorld,
} from '../../../lambdas/contracts/inventory/index.ts';
import { nameOf } from './a-workspace.ts';

/** What an embedded world gives: everything on loopback, found by name. */
const answers: Readonly<Record<string, unknown>> = {
  'rag-db-admin.endpoint': { host: '127.0.0.1', port: 54_001, ca: undefined },
  'openai-admin.apiUrl': 'http://127.0.0.1:54002/v1',
  'openai-agents.project': 'proj_local',
  'rag-api.url': 'http://127.0.0.1:54003/lockstep',
  'rag-api.allowHosts': ['127.0.0.1'],
  'summariser.url': 'http://127.0.0.1:54004/lockstep',
  'summariser.allowHosts': ['127.0.0.1'],
  'rag-db-leases.endpoint': { host: '127.0.0.1', port: 54_001 },
  'openai-leases.apiUrl': 'http://127.0.0.1:54002/v1',
  'model-session.project': 'proj_local',
  'model-session.place': { host: 'localhost', port: 54_002 },
};
const localWorld: LocalWorld = {
  field: (subject, field) => answers[`${nameOf(subject)}.${field}`],
};

const NAMES = [
  'rag-db-admin',
  'vector-store',
  'openai-admin',
  'openai-agents',
  'rag-api-hook',
  'summariser-hook',
];

describe('the example workspace', () => {
  it('has no problem in any environment', () => {
    expect(checkWorkspace(config, { localWorld })).toEqual([]);
  });

  it.each(['local', 'staging', 'production'])('resolves for %s with every credential', (environment) => {
    const { inventory } = resolveInventory(config, environment, { localWorld });
    expect(inventory?.environment).toBe(environment);
    expect(inventory?.credentials.map(({ name }) => name)).toEqual(NAMES);
  });

  it('uses nothing of the file that names a place while it is local', () => {
    const { inventory } = resolveInventory(config, 'local', { localWorld });
    expect(JSON.stringify(inventory)).not.toMatch(
      /example|arn:aws|111111111111|222222222222|api\.openai\.com/,
    );
  });
});

describe('the times and places of the example', () => {
  it('is fast while it is local, and says so', () => {
    const { inventory } = resolveInventory(config, 'local', { localWorld });
    const store = inventory?.credentials.find(({ name }) => name === 'vector-store');
    expect(inventory?.cadence).toBe('fast');
    expect(store).toMatchObject({
      rotateEverySeconds: FAST.rotateEverySeconds,
      retire: {
        drainSeconds: FAST.drainSeconds,
        soakSeconds: FAST.soakSeconds,
        deadlineSeconds: FAST.deadlineSeconds,
        onDeadline: 'hold-and-page',
      },
      dependents: [
        { name: 'rag-api', cacheTtlSeconds: FAST.cacheTtlSeconds },
        {
          name: 'embedder',
          cacheTtlSeconds: FAST.cacheTtlSeconds,
          evidence: {
            applicationName: 'embedder',
            poolLifetimeSeconds: FAST.poolLifetimeSeconds,
            suffices: true,
          },
        },
      ],
    });
  });

  it('keeps the times of the file on AWS', () => {
    const { inventory, deployment } = resolveInventory(config, 'production');
    expect(inventory).not.toHaveProperty('cadence');
    expect(inventory?.credentials.map(({ rotateEverySeconds }) => rotateEverySeconds / 86_400)).toEqual([
      30, 7, 30, 1, 30, 30,
    ]);
    expect(deployment).toEqual({
      account: '222222222222',
      region: 'eu-central-1',
      trail: 'existing',
      onCallEmail: 'on-call@example.com',
    });
  });

  it.each(['local', 'staging', 'production'])(
    'has what can be leased in %s, and who may ask',
    (environment) => {
      const { access } = resolveInventory(config, environment, { localWorld }).inventory ?? {};
      expect(access?.leasables.map(({ name, tier }) => [name, tier])).toEqual([
        ['vector-reader', 1],
        ['vector-owner', 0],
        ['model-session', 1],
      ]);
      expect(access?.agents).toEqual([
        { name: 'research-agent', owner: 'agents-team', workload: 'research-agent', actsFor: 'itself' },
      ]);
      expect(access?.leaseAuthorities.map(({ name }) => name)).toEqual(['rag-db-leases', 'openai-leases']);
    },
  );
});
