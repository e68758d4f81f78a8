import type { AwsEvent } from '../../../embedded/default-bus/aws-event.ts';
import { EmbeddedVault, type VaultOptions } from '../../../embedded/vault/open-vault.ts';
import { countedBytes, countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import type { TempFolder } from '../../fakes/temp-folder.ts';

export const SECRET = 'lockstep/test/vector-store';
export const ROLE = 'arn:aws:iam::000000000000:role/lockstep/test/lockstep-test-target-postgres';

/** An embedded vault in a folder, and what it said on the default bus. */
export interface AVault {
  readonly vault: EmbeddedVault;
  readonly clock: FakeClock;
  readonly events: readonly AwsEvent[];
  readonly path: string;
  readonly keyPath: string;
}

/** Opens the vault of a folder, again too, with one declared secret. */
export function aVault(folder: TempFolder, given: Partial<VaultOptions> = {}): AVault {
  const clock = new FakeClock();
  const events: AwsEvent[] = [];
  const [path, keyPath] = [folder.at('data', 'vault.sqlite'), folder.at('keys', 'vault.key')];
  const vault = new EmbeddedVault({
    path,
    keyPath,
    account: '000000000000',
    region: 'local',
    clock: clock.now,
    newId: countedIds(),
    randomBytes: countedBytes(),
    authorise: () => true,
    defaultBus: async (event) => void events.push(event),
    startRotation: async () => undefined,
    ...given,
  });
  vault.createSecret(SECRET);
  return { vault, clock, events, path, keyPath };
}
