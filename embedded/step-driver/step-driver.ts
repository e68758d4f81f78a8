import { describeError, isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import type { NewId } from '../../lambdas/core/ports/ids.ts';
import type { StepRequest } from '../../lambdas/core/ports/targets.ts';
import type { RotationStart } from '../../lambdas/core/ports/vault.ts';
import { backoffSeconds, type RetryPolicy } from '../../lambdas/core/propagation/backoff.ts';
import { STEPS, type StepName } from '../../lambdas/core/rotation/rotation.ts';
import type { Sleep } from '../loop/sleep.ts';
import type { DriverReport, DrivenVault, RotationJob, RotationJobs, Temper } from './driven.ts';
import { Lanes } from './lanes.ts';

/** What the driver works with. */
export interface StepDriverOptions {
  readonly vault: DrivenVault;
  readonly jobs: RotationJobs;
  /** Invokes the function that is configured for a secret with one step. Throwing is the step's failure. */
  readonly invoke: (request: StepRequest) => Promise<void>;
  readonly sleep: Sleep;
  readonly newId: NewId;
  /** A number in [0, 1), for jitter. */
  readonly random: () => number;
  readonly retries: RetryPolicy;
  /** Rotations at once, over all secrets; those of one secret run one after the other. */
  readonly concurrency: number;
  readonly report?: (report: DriverReport) => void;
  readonly temper?: Temper;
}

/**
 * Plays what Secrets Manager does for RotateSecret
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html).
 *
 * `start` registers the pending version and answers; the four steps run afterwards. A failing step makes
 * the whole rotation start again from createSecret with the same token, after a backoff, a limited number
 * of times. Then AWSPENDING stays where it is, which blocks the next rotation: "a previous rotation isn't
 * complete, that rotation will be reattempted". It never takes AWSPENDING off a version after a rotation
 * (on the current version it is a legal end), only after a test run.
 *
 * The queue is durable: after a crash `resume` starts every unfinished job again from its first step,
 * which the contract of a rotation function allows at any time.
 */
export class StepDriver {
  readonly #options: StepDriverOptions;
  readonly #lanes: Lanes;
  readonly #stopping = new AbortController();
  /** Backoffs by secret: at most one, since the jobs of one secret run one after the other. */
  readonly #naps = new Map<string, AbortController>();

  constructor(options: StepDriverOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.concurrency);
  }

  /** The `startRotation` of the `Vault` port. */
  async start(secretId: string, { token, immediately, configure }: RotationStart): Promise<void> {
    if (this.#stopping.signal.aborted) {
      throw new LockstepError(
        'VAULT_UNAVAILABLE',
        'rotations are not started any more: the process is ending',
      );
    }
    const { vault } = this.#options;
    const { arn } = await vault.describe(secretId);
    // A job that waits to try again must look now: its pending version may have been taken off to make room.
    this.#naps.get(arn)?.abort();
    // One at a time per secret, or two starts could both find nothing pending.
    await this.#lanes.exclusive(arn, async () => {
      const { rotationEnabled, versions } = await vault.describe(arn);
      const blocking = pendingElsewhere(versions, token);
      if (blocking !== undefined) {
        await this.#enqueue({ arn, token: blocking, does: 'rotate', registered: true, failures: 0 });
        throw incomplete(arn, blocking);
      }
      if (configure) await vault.configure(arn, configure);
      else if (rotationEnabled !== true) throw notConfigured(arn);
      await this.#enqueue({
        arn,
        token,
        does: immediately ? 'rotate' : 'test',
        registered: false,
        failures: 0,
      });
    });
  }

  /** Takes up every job that an earlier process left. */
  async resume(): Promise<void> {
    for (const job of await this.#options.jobs.list()) this.#run(job);
  }

  /** Resolves when no job is left running, given up ones included. */
  async idle(): Promise<void> {
    await this.#lanes.idle();
  }

  /** Lets running steps end, starts no other, and leaves unfinished jobs in the queue. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const nap of this.#naps.values()) nap.abort();
    await this.#lanes.idle();
  }

  /** The job is durable before its pending version is made, so a crash between the two loses neither. */
  async #enqueue(job: RotationJob): Promise<void> {
    const { jobs } = this.#options;
    if (this.#lanes.has(laneOf(job))) return;
    await jobs.save(job);
    try {
      this.#run(await this.#registered(job));
    } catch (error) {
      await jobs.remove(job.arn, job.token);
      throw error;
    }
  }

  async #registered(job: RotationJob): Promise<RotationJob> {
    if (job.registered) return job;
    const { vault, jobs, temper } = this.#options;
    const copies = job.does === 'test' && (temper?.copiesValueForTest?.(job.token) ?? false);
    await vault.registerPending(job.arn, job.token, copies);
    const registered = { ...job, registered: true };
    await jobs.save(registered);
    return registered;
  }

  #run(job: RotationJob): void {
    const lane = laneOf(job);
    if (!this.#lanes.has(lane)) this.#lanes.run(lane, job.arn, () => this.#work(job));
  }

  async #work(first: RotationJob): Promise<void> {
    this.#report(first, 'Started');
    let job = first;
    let troubles = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        const ready = await this.#registered(job);
        const next = await this.#lanes.limited(() => this.#attempt(ready));
        if (next === 'over') return;
        job = next;
        troubles = 0;
      } catch (error) {
        if (await this.#isHopeless(job, error)) return;
        // The vault or the queue does not answer. That says nothing about the rotation, so it counts for nothing.
        troubles += 1;
      }
      await this.#backOff(job.arn, Math.max(1, job.failures, troubles));
    }
  }

  /** The vault will never have this version pending (the secret or the token is gone): nothing is left to drive. */
  async #isHopeless(job: RotationJob, error: unknown): Promise<boolean> {
    if (!isLockstepError(error) || error.remedy === 'retry') return false;
    const removed = await this.#options.jobs.remove(job.arn, job.token).then(
      () => true,
      () => false,
    );
    if (removed) this.#report(job, 'Abandoned', error.code);
    return removed;
  }

  /** One attempt at all steps. Answers the job as it stands after a failure that may be tried again. */
  async #attempt(job: RotationJob): Promise<RotationJob | 'over'> {
    const { vault, jobs, retries } = this.#options;
    const { versions } = await vault.describe(job.arn);
    const labels = versions[job.token] ?? [];
    if (!labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT')) {
      await this.#end(job, 'Abandoned');
      return 'over';
    }
    const failure = await this.#steps(job);
    // Stopped in the middle: neither a success nor a failure.
    if (failure === 'stopped') return job;
    if (failure === undefined) {
      await this.#end(job, 'Succeeded');
      return 'over';
    }
    const failed = { ...job, failures: job.failures + 1 };
    await jobs.save(failed);
    if (failed.failures < retries.maxAttempts) return failed;
    await this.#end(failed, 'Failed', failure.code);
    return 'over';
  }

  async #steps({
    arn,
    token,
    does,
  }: RotationJob): Promise<{ readonly code: string } | 'stopped' | undefined> {
    const steps: readonly StepName[] = does === 'test' ? ['testSecret'] : STEPS;
    const rotationToken = this.#options.newId();
    let at = 0;
    for (let step = steps[at]; step !== undefined; step = steps[at]) {
      if (this.#stopping.signal.aborted) return 'stopped';
      const failure = await this.#invoke({ step, secretId: arn, token, rotationToken });
      if (failure) return failure;
      at = this.#options.temper?.replayAfter?.(step, token) ? 0 : at + 1;
    }
    return undefined;
  }

  async #invoke(request: StepRequest): Promise<{ readonly code: string } | undefined> {
    const { invoke, temper } = this.#options;
    const copies = Math.max(1, temper?.copies?.(request.step, request.token) ?? 1);
    const [first] = await Promise.allSettled(Array.from({ length: copies }, async () => invoke(request)));
    return first?.status === 'rejected' ? { code: describeError(first.reason).code } : undefined;
  }

  async #end(job: RotationJob, how: 'Succeeded' | 'Failed' | 'Abandoned', code?: string): Promise<void> {
    const { vault, jobs } = this.#options;
    if (job.does === 'test') await vault.removePending(job.arn, job.token);
    await jobs.remove(job.arn, job.token);
    this.#report(job, how, code);
  }

  #report(
    { arn, token, does }: RotationJob,
    how: 'Started' | 'Succeeded' | 'Failed' | 'Abandoned',
    code?: string,
  ): void {
    const event =
      how === 'Abandoned' || does === 'rotate'
        ? (`Rotation${how}` as const)
        : (`TestRotation${how}` as const);
    this.#options.report?.({ event, arn, token, ...(code === undefined ? {} : { code }) });
  }

  async #backOff(arn: string, attempt: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { retries, random, sleep } = this.#options;
    const nap = new AbortController();
    this.#naps.set(arn, nap);
    await sleep(backoffSeconds(retries, attempt, random()) * 1000, nap.signal);
    this.#naps.delete(arn);
  }
}

const laneOf = ({ arn, token }: RotationJob): string => `${arn} ${token}`;

/** AWSPENDING on any version but the current one means that an earlier rotation is not complete. */
function pendingElsewhere(
  versions: Readonly<Record<string, readonly string[]>>,
  token: string,
): string | undefined {
  const holder = Object.entries(versions).find(([, labels]) => labels.includes('AWSPENDING'));
  if (!holder) return undefined;
  const [version, labels] = holder;
  return version === token || labels.includes('AWSCURRENT') ? undefined : version;
}

const incomplete = (arn: string, blocking: string): LockstepError =>
  new LockstepError(
    'PENDING_ELSEWHERE',
    `the rotation of ${arn} to version ${blocking} is not complete; it is being reattempted. Wait for it, or take AWSPENDING off that version`,
  );

const notConfigured = (arn: string): LockstepError =>
  new LockstepError(
    'ROTATION_DISABLED',
    `no rotation function is configured for ${arn}; adopt the credential first`,
  );
