import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { socketConnection } from '../../cli/connection/socket-connection.ts';
import { livingService } from '../../embedded/services/service-record.ts';
import type { CredentialStatus } from '../../lambdas/report/show-status.ts';
import type { EmbeddedProcess } from './embedded-process.ts';

const BIN = fileURLToPath(new URL('../../cli/lockstep.mjs', import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody who runs `lockstep` in the workspace of a runtime, as a process of its own each time. */
export class Operator {
  readonly #embedded: EmbeddedProcess;
  /** Everything that every command has printed. */
  said = '';

  constructor(embedded: EmbeddedProcess) {
    this.#embedded = embedded;
  }

  async run(words: readonly string[], input = ''): Promise<Ended> {
    const ended = await new Promise<Ended>((resolve) => {
      const child = execFile(
        process.execPath,
        [BIN, ...words],
        { cwd: this.#embedded.workspace, timeout: 120_000 },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
      );
      child.stdin?.end(input);
    });
    this.said += ended.stdout + ended.stderr;
    return ended;
  }

  /** The same for a program: what came out, parsed. */
  async json(...words: readonly string[]): Promise<Ended & { readonly result: Record<string, unknown> }> {
    const ended = await this.run([...words, '--json']);
    return {
      ...ended,
      result: JSON.parse(ended.code === 0 ? ended.stdout : ended.stderr || ended.stdout) as Record<
        string,
        unknown
      >,
    };
  }

  /** How a credential stands: asked over the socket, since a process for each look would take longer than what is looked at. */
  async look(credential: string): Promise<CredentialStatus> {
    const { control } = JSON.parse(readFileSync(this.#embedded.folder.runtime, 'utf8')) as {
      readonly control: string;
    };
    const timeouts = { orderSeconds: 10, querySeconds: 10 };
    const { credentials } = await socketConnection({ socket: control, operator: 'test', timeouts }).query(
      'status',
      { credential },
    );
    const [status] = credentials;
    if (!status) throw new Error(`no status of ${credential}`);
    return status;
  }

  /** Looks until a credential stands as it should. */
  async until(
    credential: string,
    holds: (status: CredentialStatus) => boolean,
    withinMs = 90_000,
  ): Promise<CredentialStatus> {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const status = await this.look(credential);
      if (holds(status)) return status;
      if (performance.now() > giveUpAt)
        throw new Error(`${credential} stands at ${JSON.stringify(status.rotation)}`);
      await sleep(100);
    }
  }

  /** A rotation that is under way: asked for by hand, or the one that the cadence has begun a moment before. */
  async rotateOrJoin(credential: string): Promise<string> {
    const { code, result } = await this.json('rotate', credential, '--reason', 'the operator asked for it');
    if (code === 0) return String((result['facts'] as { readonly rotation?: string }).rotation);
    const { rotation } = await this.until(credential, (status) => status.rotation !== undefined);
    return String(rotation?.token);
  }

  /** Asks for a rotation by hand; where the cadence was quicker, that one serves as well. */
  async rotate(credential: string): Promise<string> {
    for (;;) {
      const { code, result } = await this.json('rotate', credential, '--reason', 'the operator asked for it');
      if (code === 0) return String((result['facts'] as { readonly rotation?: string }).rotation);
      const { code: refusal } = result['error'] as { readonly code: string };
      if (refusal !== 'PREDECESSOR_IN_USE') throw new Error(`rotate was refused with ${refusal}`);
      await this.until(credential, ({ rotation }) => isOver(rotation?.phase));
    }
  }
}

const isOver = (phase: string | undefined): boolean =>
  ['retired', 'rolled-back', 'abandoned'].includes(phase ?? '');

/** Runs `work` while a service stands still: it answers nobody, and ends nothing. */
export async function whileStopped(
  embedded: EmbeddedProcess,
  service: string,
  work: () => Promise<void>,
): Promise<void> {
  const identity = await livingService(embedded.folder.service(service));
  if (!identity) throw new Error(`${service} does not live`);
  process.kill(identity.pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    process.kill(identity.pid, 'SIGCONT');
  }
}
