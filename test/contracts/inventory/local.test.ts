import { expect, it } from 'vitest';
import { resolveInventory } from '../../../lambdas/contracts/inventory/index.ts';
import { aLocalWorld, aWorkspace, nameOf, workspaceWith } from './a-workspace.ts';

it('takes every place from the embedded world, by name', () => {
  const asked: string[] = [];
  const world = aLocalWorld();
  const { inventory } = resolveInventory(aWorkspace(), 'local', {
    localWorld: {
      field: (subject, field) => {
        const name =
          subject.of === 'dependent' ? `${subject.credential}/${subject.dependent}` : nameOf(subject);
        asked.push(`${subject.kind} ${name} ${field}`);
        return world.field(subject, field);
      },
    },
  });
  expect(asked.sort()).toEqual([
    'openai model project',
    'openai-authority model-admin apiUrl',
    'poller store/worker clientAddress',
    'postgres-authority db-admin endpoint',
    'webhook api-hook/api allowHosts',
    'webhook api-hook/api url',
    'webhook store/api allowHosts',
    'webhook store/api url',
  ]);
  expect(inventory?.workloads).toEqual([
    { name: 'api', principal: 'embedded:api' },
    { name: 'worker', principal: 'embedded:worker' },
  ]);
  expect(inventory?.credentials.find(({ name }) => name === 'store')?.target).toMatchObject({
    endpoint: { host: '127.0.0.1', port: 54_321 },
  });
  expect(JSON.stringify(inventory)).not.toMatch(/example\.com|arn:aws|api\.openai\.com/);
});

it('never falls back to a value of the file, not even to a default', () => {
  const workspace = workspaceWith({ 'credentials.model-admin.apiUrl': 'https://api.example.com/v1' });
  const nothing = { field: () => undefined };
  expect(resolveInventory(workspace, 'local', { localWorld: nothing }).problems).toContainEqual({
    path: 'credentials.model-admin.apiUrl',
    found: 'nothing from the embedded world, which gives this field by name in local',
    allowed: 'the base of the API: an https URL without login, query, fragment or final slash',
    mend: 'have the embedded world serve this name, or keep the entry out of this workspace',
  });
});

it('refuses what the embedded world gives in another form, without showing it', () => {
  const { problems } = resolveInventory(aWorkspace(), 'local', {
    localWorld: aLocalWorld({ 'model.project': 'sk-not-a-real-one' }),
  });
  expect(problems).toMatchObject([
    {
      path: 'credentials.model.project',
      found: 'a text of 17 characters from the embedded world, which gives this field by name in local',
    },
  ]);
});

it('cannot be resolved without that world, and says so once', () => {
  expect(resolveInventory(aWorkspace(), 'local').problems).toEqual([
    {
      path: 'environments.local',
      found: 'no embedded world to ask',
      allowed: 'local inside the embedded world, which gives endpoints, projects and URLs by name',
      mend: 'start it with `npm start`, or name an environment on AWS',
    },
  ]);
});

it('keeps the times of the file unless it is told to be fast', () => {
  const { inventory } = resolveInventory(workspaceWith({ 'environments.local': {} }), 'local', {
    localWorld: aLocalWorld(),
  });
  expect(inventory).not.toHaveProperty('cadence');
  expect(inventory?.credentials.find(({ name }) => name === 'store')?.rotateEverySeconds).toBe(604_800);
});

it('drains nothing where the predecessor ends at once, fast or not', () => {
  const { inventory } = resolveInventory(aWorkspace(), 'local', { localWorld: aLocalWorld() });
  expect(inventory?.cadence).toBe('fast');
  expect(inventory?.credentials[0]?.retire).toMatchObject({ drainSeconds: 0, soakSeconds: 0 });
});
