import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverReport, DrivenVault } from '../../../embedded/step-driver/driven.ts';
import { StepDriver } from '../../../embedded/step-driver/step-driver.ts';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { StepRequest } from '../../../lambdas/core/ports/targets.ts';
import type { RotationStart } from '../../../lambdas/core/ports/vault.ts';
import type { StepName } from '../../../lambdas/core/rotation/rotation.ts';
import { MemoryRotationJobs } from '../../fakes/memory-vault.ts';
import type { BedClients } from './bed-clients.ts';
import type { RotationStarter } from './secrets-manager-stand-in.ts';

/** One step that was invoked. */
export interface StepSeen {
  readonly step: StepName;
  readonly secretId: string;
  readonly token: string;
  readonly failed: boolean;
  /** In milliseconds since the epoch, and how long it took. */
  readonly at: number;
  readonly milliseconds: number;
}

type Configuration = NonNullable<RotationStart['configure']>;

/** Secrets Manager's part in rotations, played on the bed by the same StepDriver as in the embedded world. */
export class BedRotations implements RotationStarter {
  readonly reports: DriverReport[] = [];
  readonly driver: StepDriver;
  /** Invocations of steps, with what became of them. */
  readonly steps: StepSeen[] = [];
  /** Steps under way, by the ARN of their secret. */
  readonly underWay = new Map<string, StepName>();
  /** Tokens whose every step is invoked twice at once. */
  readonly doubled = new Set<string>();
  readonly #clients: BedClients;
  readonly #configured = new Map<string, Configuration>();

  constructor(clients: BedClients) {
    this.#clients = clients;
    this.driver = new StepDriver({
      vault: this.#driven(),
      jobs: new MemoryRotationJobs(),
      invoke: (request) => this.invoke(request),
      sleep: async (milliseconds, signal) => {
        await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
      },
      newId: randomUUID,
      random: Math.random,
      // Longer than a killed function's claim on its credential lasts.
      retries: { maxAttempts: 40, baseSeconds: 1, capSeconds: 8 },
      concurrency: 4,
      report: (report) => void this.reports.push(report),
      temper: { copies: (_step, token) => (this.doubled.has(token) ? 2 : 1) },
    });
  }

  async start(call: Parameters<RotationStarter['start']>[0]): Promise<{ readonly arn: string }> {
    const { secretId, token, immediately, functionArn, everyDays = 0 } = call;
    const configure = functionArn === undefined ? undefined : { functionArn, everyDays };
    await this.driver.start(secretId, { token, immediately, ...(configure ? { configure } : {}) });
    return { arn: (await this.#describe(secretId)).arn };
  }

  configured(arn: string): Configuration | undefined {
    return this.#configured.get(arn);
  }

  async #describe(secretId: string) {
    const { ARN: arn = '', VersionIdsToStages: versions = {} } = await this.#clients.secrets.send(
      new DescribeSecretCommand({ SecretId: secretId }),
    );
    return { arn, versions, rotationEnabled: this.#configured.has(arn) ? true : undefined };
  }

  #driven(): DrivenVault {
    const { secrets } = this.#clients;
    return {
      describe: (secretId) => this.#describe(secretId),
      registerPending: async (arn, token) => {
        const { versions } = await this.#describe(arn);
        if (versions[token]) return;
        // A label is on one version only; the bed lets it stay where it was.
        for (const [version, labels] of Object.entries(versions))
          if (labels.includes('AWSPENDING')) await this.#takePendingOff(arn, version);
        // Without a value, as Secrets Manager registers it.
        await secrets.send(
          new PutSecretValueCommand({
            SecretId: arn,
            ClientRequestToken: token,
            VersionStages: ['AWSPENDING'],
          }),
        );
      },
      removePending: async (arn, token) => {
        const { versions } = await this.#describe(arn);
        if (versions[token]?.includes('AWSPENDING')) await this.#takePendingOff(arn, token);
      },
      configure: async (arn, configuration) => void this.#configured.set(arn, configuration),
    };
  }

  async #takePendingOff(arn: string, version: string): Promise<void> {
    await this.#clients.secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId: arn,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: version,
      }),
    );
  }

  /** As Secrets Manager invokes a rotation function; a function error is the step's failure. */
  async invoke({ step, secretId, token, rotationToken }: StepRequest): Promise<void> {
    const configured = this.#configured.get(secretId);
    if (!configured) throw new LockstepError('ROTATION_DISABLED', 'no function is configured for it');
    const event = {
      Step: step,
      SecretId: secretId,
      ClientRequestToken: token,
      ...(rotationToken === undefined ? {} : { RotationToken: rotationToken }),
    };
    this.underWay.set(secretId, step);
    const [at, started] = [Date.now(), performance.now()];
    const answer = await this.#clients.lambda
      .send(new InvokeCommand({ FunctionName: configured.functionArn, Payload: JSON.stringify(event) }))
      .finally(() => this.underWay.delete(secretId));
    const failed = answer.FunctionError !== undefined;
    this.steps.push({ step, secretId, token, failed, at, milliseconds: performance.now() - started });
    if (failed) throw new LockstepError('TARGET_UNREACHABLE', 'the function failed at the step');
  }
}
