import { TOKEN_HEADER } from '../../lambdas/contracts/access-wire.ts';
import type { AccessConnection } from './access-connection.ts';
import { askOver } from './ask-over.ts';
import { brokerUrl } from './broker-url.ts';
import type { TokenSource } from './token-source.ts';

/** What asking by a token needs. */
export interface TokenPlace {
  /** The function URL of the broker's alias `tokens`, or the embedded endpoint. */
  readonly broker: string;
  readonly token: TokenSource;
}

/**
 * The broker, asked by a token of an issuer of the inventory. A token is good for one request: a source that gives the
 * same one twice is refused with `TOKEN_REPLAYED`, and somebody is paged.
 */
export function tokenAccess({ broker, token }: TokenPlace): AccessConnection {
  const url = brokerUrl(broker);
  return askOver({
    broker: () => url,
    prove: async () => ({ [TOKEN_HEADER]: (await token()).reveal() }),
  });
}
