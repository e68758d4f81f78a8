import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { kmsSigner } from '../../../lambdas/adapters/kms-signer/kms-signer.ts';
import { describeSignerContract, type SignerUnderTest } from '../../ports/signer-contract.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { clientAt } from './bed-client.ts';

async function signerAt(url: string): Promise<SignerUnderTest> {
  const client = new KMSClient(clientAt(url));
  const spec = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' } as const;
  const { KeyMetadata: made } = await client.send(new CreateKeyCommand(spec));
  const keyId = made?.Arn ?? '';
  const cleanUp = async (): Promise<void> => {
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }));
    client.destroy();
  };
  return { signer: kmsSigner({ client, keyId }), cleanUp };
}

// moto has no such keys: moto-knows-no-ed25519.
describeSignerContract('KMS of MiniStack', () => signerAt(bedAddresses().ministack));
