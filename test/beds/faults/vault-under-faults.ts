import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { secretsManagerVault } from '../../../lambdas/adapters/secrets-manager-vault/secrets-manager-vault.ts';
import type { Vault } from '../../../lambdas/core/ports/vault.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { clientAt, uniqueName } from '../ports/bed-client.ts';
import { jsonAnswer, type Interceptor } from '../proxy/bed-proxy.ts';
import type { FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

/** The adapter, a secret with a first value, and a bed that fails as planned. */
export interface VaultUnderFaults extends FaultsUnderTest {
  readonly vault: Vault;
  readonly name: string;
  readonly first: string;
  readonly second: string;
  /** Rotations that the service was asked to start, each once. */
  readonly started: ReadonlySet<string>;
}

/** A value by its text. */
export const value = (text: string): Secret => new Secret(`{"password":"not-a-real-${text}"}`);

/** RotateSecret is told apart here: the bed's own calls no function, and moves AWSCURRENT at once. */
const rotating =
  (started: Set<string>): Interceptor =>
  async (call, pass) => {
    if (call.action !== 'RotateSecret') return pass(call);
    started.add(String(call.parameters['ClientRequestToken']));
    return jsonAnswer(200, { VersionId: call.parameters['ClientRequestToken'] });
  };

/** Makes one. */
export async function vaultUnderFaults(bedUrl: string, isImpatient: boolean): Promise<VaultUnderFaults> {
  const started = new Set<string>();
  const bed = await startFaultyBed(bedUrl, [rotating(started)]);
  const [direct, settings] = [new SecretsManagerClient(clientAt(bedUrl)), clientAt(bed.url)];
  const client = new SecretsManagerClient(isImpatient ? impatient(settings) : settings);
  const vault = secretsManagerVault(client);
  const [name, first, second] = [uniqueName('lockstep/beds/store'), randomUUID(), randomUUID()];
  await direct.send(new CreateSecretCommand({ Name: name }));
  await vault.putFirst(name, first, value('first'));
  const cleanUp = async (): Promise<void> => {
    await direct.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    direct.destroy();
    client.destroy();
    await bed.close();
  };
  return { bed, vault, name, first, second, started, cleanUp };
}
