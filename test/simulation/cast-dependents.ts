import type { Expected } from '../../lambdas/acknowledge/what-is-expected.ts';
import { secretName, type Credential, type Dependent } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { ProcessDied } from '../fakes/faulty.ts';
import { SimulatedDependent, type Surroundings } from './simulated-dependent.ts';
import type { Stores, StoresOptions } from './stores.ts';

/** Puts the declared dependents into the world, each with its own ways to vault, target and endpoint. */
export function castDependents(
  stores: Pick<Stores, 'vault' | 'time' | 'targetOf' | 'judge'>,
  options: StoresOptions,
): readonly SimulatedDependent[] {
  return options.inventory.credentials.flatMap((credential) =>
    credential.dependents.map(
      (dependent) =>
        new SimulatedDependent(
          credential.name,
          dependent,
          surroundings(stores, options, credential, dependent),
        ),
    ),
  );
}

function surroundings(
  { vault, time, targetOf, judge }: Parameters<typeof castDependents>[0],
  { inventory, weather, process }: StoresOptions,
  credential: Credential,
  { workload }: Dependent,
): Surroundings {
  const { name } = credential;
  const ask = async (method: string, path: string, body: unknown): Promise<unknown> => {
    try {
      const request = { method, path, query: { credential: name }, body };
      const answer = await process().invoke((pipeline) => pipeline.answerDependent(workload, request));
      judge.inspect('an answer to a dependent', answer);
      return answer;
    } catch (error) {
      // To the one who asks, a process that died is one that does not answer.
      if (error instanceof ProcessDied) throw new LockstepError('TARGET_UNREACHABLE', 'no answer');
      if (error instanceof LockstepError) judge.inspect('an error to a dependent', error.message);
      throw error;
    }
  };
  return {
    elapsed: () => time.elapsed,
    random: weather.random,
    readCurrent: () => vault.read(secretName(inventory.environment, name)),
    connect: (value, applicationName) => targetOf(credential).connect(name, value.value, applicationName),
    disconnect: (session) => targetOf(credential).disconnect(session),
    acknowledge: async (body) => void (await ask('POST', '/acknowledge', body)),
    whatIsExpected: async () =>
      ((await ask('GET', '/expected', undefined)) as { readonly expected: readonly Expected[] }).expected,
  };
}
