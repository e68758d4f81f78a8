import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { authoriseFor } from '../../../embedded/world/authorise.ts';
import { EmbeddedVault } from '../../../embedded/vault/open-vault.ts';
import { LOCAL_ACCOUNT } from '../../../embedded/pipeline/wire-pipeline.ts';
import { worldFolder } from '../../../embedded/world/world-folder.ts';
import { secretName, type Inventory } from '../../../lambdas/core/credential.ts';
import { isLockstepError } from '../../../lambdas/core/errors.ts';
import type { StagingLabel } from '../../../lambdas/core/ports/vault.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import type { Ended, Told } from './rotate-until-killed.ts';

const SCRIPT = fileURLToPath(new URL('./rotate-until-killed.ts', import.meta.url));
/** Longer than a lease lasts, and than anything that a killed process may have waited for. */
const AHEAD_SECONDS = 120;

/** How one process fared. */
export type Fate = { readonly is: 'killed' } | ({ readonly is: 'ended' } & Ended);

/** One workspace, and the processes that work on it one after the other. */
export class RotatingProcesses {
  readonly #root = mkdtempSync(join(tmpdir(), 'lockstep-faults-'));
  readonly #inventory: Inventory;
  readonly #firstValues: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #started = 0;

  constructor(inventory: Inventory, firstValues: Readonly<Record<string, string>>) {
    this.#inventory = inventory;
    this.#firstValues = firstValues;
  }

  /** Lets a process rotate a credential until it is over or the process is. */
  async rotate(credential: string, requestId: string): Promise<Fate> {
    const told: Told = {
      workspace: join(this.#root, 'workspace'),
      inventory: this.#inventory,
      firstValues: this.#firstValues,
      rotate: credential,
      requestId,
      aheadSeconds: this.#started * AHEAD_SECONDS,
    };
    this.#started += 1;
    const path = join(this.#root, 'told.json');
    writeFileSync(path, JSON.stringify(told), { mode: 0o600 });
    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    let last = '';
    for await (const line of createInterface({ input: child.stdout })) last = line;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.signalCode === 'SIGKILL') return { is: 'killed' };
    if (child.exitCode !== 0) throw new Error(`the process ended with ${child.exitCode ?? child.signalCode}`);
    return { is: 'ended', ...(JSON.parse(last) as Ended) };
  }

  /** Ends the process of this moment, wherever it is. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** What a workload would read now, as long as no process has the vault open. */
  async read(credential: string, label: StagingLabel): Promise<Secret | undefined> {
    const folder = worldFolder(join(this.#root, 'workspace'));
    const vault = new EmbeddedVault({
      path: folder.stores.vault,
      keyPath: folder.keys.vault,
      account: LOCAL_ACCOUNT,
      region: 'local',
      clock: () => new Date(),
      newId: () => 'a read',
      randomBytes: (length) => new Uint8Array(length),
      authorise: authoriseFor(this.#inventory),
      defaultBus: () => Promise.resolve(),
      onLost: () => undefined,
      startRotation: () => Promise.resolve(),
    });
    try {
      const secretId = secretName(this.#inventory.environment, credential);
      return (await vault.vaultFor('embedded:reader').read(secretId, { label })).value;
    } catch (error) {
      if (isLockstepError(error, 'UNKNOWN_VERSION')) return undefined;
      throw error;
    } finally {
      vault.close();
    }
  }

  remove(): void {
    this.kill();
    rmSync(this.#root, { recursive: true, force: true });
  }
}
