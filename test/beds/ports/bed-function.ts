import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  type LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { FunctionName } from '../../../lambdas/contracts/names.ts';
import { bundleHandlers } from '../../../lib/bundles/bundle-handlers.ts';
import { HANDLERS } from '../../../lib/bundles/handlers.ts';
import { tempFolder } from '../../fakes/temp-folder.ts';
import { bedProgram } from '../launch/install-beds.ts';
import { BED_ACCOUNT } from '../launch/ministack.ts';
import { uniqueName } from './bed-client.ts';

/** A function of ours that a bed runs. */
export interface BedFunction {
  readonly functionName: string;
  readonly remove: () => Promise<void>;
}

/** The code of a handler, bundled as it is deployed, as an archive. */
export function archiveOf(name: FunctionName): Uint8Array {
  const bundle = bundleHandlers(HANDLERS.filter((handler) => handler.name === name)).get(name);
  return archive(bundle?.code ?? '');
}

/** One module as an archive. Node.js writes none by itself; the beds have brought Python along. */
export function archive(code: string | Uint8Array): Uint8Array {
  const folder = tempFolder();
  writeFileSync(folder.at('index.mjs'), code);
  const zip = ['-m', 'zipfile', '-c', folder.at('code.zip'), folder.at('index.mjs')];
  execFileSync(bedProgram('python'), zip);
  const written = readFileSync(folder.at('code.zip'));
  folder.remove();
  return written;
}

/** Deploys it by itself, without its stack: with these variables and the settings that every function has. */
export async function deployFunction(
  client: LambdaClient,
  code: Uint8Array,
  variables: Readonly<Record<string, string>> = {},
): Promise<BedFunction> {
  const functionName = uniqueName('function');
  await client.send(
    new CreateFunctionCommand({
      FunctionName: functionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${BED_ACCOUNT}:role/function`,
      Timeout: 30,
      MemorySize: 256,
      Code: { ZipFile: code },
      Environment: { Variables: { ...variables } },
    }),
  );
  await waitUntilFunctionActiveV2(
    { client, maxWaitTime: 20, minDelay: 0.1, maxDelay: 1 },
    { FunctionName: functionName },
  );
  const remove = async (): Promise<void> =>
    void (await client.send(new DeleteFunctionCommand({ FunctionName: functionName })));
  return { functionName, remove };
}
