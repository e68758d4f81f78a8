import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { clientAt } from '../ports/bed-client.ts';
import { archive, deployFunction } from '../ports/bed-function.ts';
import { awayFromAws, bareEnvironment } from './bare-environment.ts';
import { isAlive } from './fakes/processes.ts';
import { sweep } from './run-folder.ts';

const folder = inTempFolder();
const ALONE = fileURLToPath(new URL('fakes/ministack-alone.ts', import.meta.url));

it('leaves no process of a function running when whoever started MiniStack is killed', async () => {
  const starter = spawn(process.execPath, ['--import', 'tsx', ALONE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(starter.stdout, 'data')) as [Buffer];
  const lambda = new LambdaClient(clientAt(String(url).trim()));
  const code = archive(
    'export const handler = async () => ({ pid: process.pid, home: process.env.SECRET_OF_OURS });',
  );
  const { functionName } = await deployFunction(lambda, code);
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: functionName }));
  const { pid, home } = JSON.parse(Payload?.transformToString() ?? '{}') as Readonly<Record<string, unknown>>;
  expect(isAlive(Number(pid))).toBe(true);
  expect(home).toBeUndefined();
  starter.kill('SIGKILL');
  await expect.poll(() => isAlive(Number(pid)), { timeout: 10_000 }).toBe(false);
});

it('takes away the folders of processes that are gone, and no others', () => {
  for (const name of ['run-1', `run-${process.pid}`, 'run-999999999', 'run-x', 'other-999999999'])
    mkdirSync(folder().at(name));
  sweep({ folder: folder().at(), prefix: 'run-' });
  expect(readdirSync(folder().at()).sort()).toEqual(
    ['run-1', `run-${process.pid}`, 'run-x', 'other-999999999'].sort(),
  );
  expect(existsSync(folder().at('other-999999999'))).toBe(true);
});

it('keeps accounts of AWS from beds and suite', () => {
  const given = { PATH: '/bin', AWS_PROFILE: 'production', AWS_ACCESS_KEY_ID: 'x', LOCKSTEP_SEED: '7' };
  const none = {
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  expect(bareEnvironment(given)).toEqual({ PATH: '/bin', ...none });
  expect(awayFromAws(given)).toEqual({ PATH: '/bin', LOCKSTEP_SEED: '7', ...none });
});
