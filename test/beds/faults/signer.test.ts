import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { verify } from 'node:crypto';
import { expect } from 'vitest';
import { kmsSigner } from '../../../lambdas/adapters/kms-signer/kms-signer.ts';
import type { Signer } from '../../../lambdas/core/ports/signer.ts';
import { ed25519PublicKey } from '../../../lambdas/shell/verify-signature.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from '../ports/bed-client.ts';
import { describeFaults, type FaultCase, type FaultsUnderTest } from './describe-faults.ts';
import { startFaultyBed } from './faulty-bed.ts';
import { impatient } from './impatient.ts';

interface SignerUnderFaults extends FaultsUnderTest {
  readonly signer: Signer;
}

async function signerUnderFaults(isImpatient: boolean): Promise<SignerUnderFaults> {
  const { ministack } = bedAddresses();
  const bed = await startFaultyBed(ministack);
  const direct = new KMSClient(clientAt(ministack));
  const spec = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' } as const;
  const { KeyMetadata: made } = await direct.send(new CreateKeyCommand(spec));
  const keyId = made?.Arn ?? '';
  const settings = clientAt(bed.url);
  const client = new KMSClient(isImpatient ? impatient(settings) : settings);
  const cleanUp = async (): Promise<void> => {
    await direct.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }));
    direct.destroy();
    client.destroy();
    await bed.close();
  };
  return { bed, signer: kmsSigner({ client, keyId }), cleanUp };
}

const MESSAGE = Buffer.from('a head of the audit');

const CASES: readonly FaultCase<SignerUnderFaults>[] = [
  {
    name: 'signing',
    action: 'Sign',
    code: 'AUDIT_UNAVAILABLE',
    attempts: 3,
    run: ({ signer }) => signer.sign(MESSAGE),
    check: async ({ signer }, signature) => {
      const key = ed25519PublicKey(await signer.publicKey());
      expect(verify(null, MESSAGE, key, signature as Uint8Array)).toBe(true);
    },
  },
  {
    name: 'fetching the public key',
    action: 'GetPublicKey',
    code: 'AUDIT_UNAVAILABLE',
    attempts: 3,
    run: ({ signer }) => signer.publicKey(),
    check: async ({ bed, signer }, key) => {
      const fetched = bed.calls('GetPublicKey').length;
      expect(await signer.publicKey()).toEqual(key);
      expect(bed.calls('GetPublicKey')).toHaveLength(fetched);
    },
  },
];

describeFaults('the signer', signerUnderFaults, CASES);
