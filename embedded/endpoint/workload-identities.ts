import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The identities of workloads: an Ed25519 key each, made by the runtime as IAM makes a role, and not rotated by
 * Lockstep. The private half lies in the service's own folder, the public half with the endpoint.
 */
export class WorkloadIdentities {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a workload's private key, in `folder`; made where it has none. */
  ensure(workload: string, folder: string): string {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'identity.pem');
    if (this.publicKey(workload) && readable(path)) return path;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    // The private half first: a public half that nobody can sign for would lock the service out.
    replace(path, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    replace(this.#publicPath(workload), publicKey.export({ format: 'pem', type: 'spki' }).toString());
    return path;
  }

  /** The public key of a workload or a person (`on-call`, `on-call.2`); `undefined` for a name that nobody was given. */
  publicKey(workload: string): KeyObject | undefined {
    // The name comes from a request: it must not lead out of the folder.
    if (!/^[a-z0-9][a-z0-9-]{0,63}(\.[0-9])?$/.test(workload)) return undefined;
    try {
      return createPublicKey(readFileSync(this.#publicPath(workload), 'utf8'));
    } catch {
      return undefined;
    }
  }

  #publicPath(workload: string): string {
    return join(this.#folder, `${workload}.pem`);
  }
}

function readable(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').length > 0;
  } catch {
    return false;
  }
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
