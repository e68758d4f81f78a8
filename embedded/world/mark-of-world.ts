import { deploymentMark } from '../../lambdas/core/deployment-mark.ts';
import type { Signer } from '../../lambdas/core/ports/signer.ts';

/**
 * By what an embedded world is known at targets. It is the key that signs its audit that makes it the one it is: made once,
 * never replaced, kept beside the stores and demanded where there are heads (`demandSigningKey`). So a world whose stores
 * were lost, or restored, still finds its leases at a server that others use as well.
 */
export const markOfWorld = async (signer: Pick<Signer, 'publicKey'>, environment: string): Promise<string> =>
  deploymentMark('embedded', Buffer.from(await signer.publicKey()).toString('hex'), environment);
