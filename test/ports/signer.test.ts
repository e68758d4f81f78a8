import { FileSigner } from '../../embedded/signer/file-signer.ts';
import { seededSigner } from '../fakes/seeded-signer.ts';
import { tempFolder } from '../fakes/temp-folder.ts';
import { describeSignerContract } from './signer-contract.ts';

describeSignerContract('the seeded signer', async () => ({
  signer: seededSigner(),
  cleanUp: async () => undefined,
}));

describeSignerContract('the file signer', async () => {
  const folder = tempFolder();
  return { signer: new FileSigner(folder.at('keys', 'audit.pem')), cleanUp: async () => folder.remove() };
});
