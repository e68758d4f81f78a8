import { AwsClient } from 'aws4fetch';
import type { AccessConnection } from '../../../client/access/access-connection.ts';
import { readReply } from '../../../client/access/read-reply.ts';
import { ACCESS_PATH } from '../../../lambdas/contracts/access-wire.ts';
import { fromFailure } from '../../../lambdas/contracts/failure.ts';
import { BED_REGION } from '../launch/ministack.ts';

/** The way to the deployed broker, as somebody. Errors: those of the broker, in its own words. */
export type BedBroker = AccessConnection;

/** Who asks, and where. */
interface BrokerWays {
  readonly url: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Reaches the URL through the door of the bed, which tells the function who signed. */
  readonly fetch: typeof fetch;
}

/** Signs each ask as the client does; only the way to the URL is the bed's. */
export function bedBroker({ url, credentials, fetch }: BrokerWays): BedBroker {
  const signer = new AwsClient({ ...credentials, region: BED_REGION, service: 'lambda', retries: 0 });
  const at = new URL(ACCESS_PATH, url).href;
  return {
    ask: async (ask, asks) => {
      const body = JSON.stringify({ ask, ...asks });
      const headers = { 'content-type': 'application/json' };
      const signed = await signer.sign(at, { method: 'POST', headers, body });
      const answer = await fetch(at, { method: 'POST', headers: signed.headers, body });
      const said: unknown = await answer.json();
      if (answer.ok) return readReply(ask, said);
      throw fromFailure(said) ?? new Error(`the ask ${ask} was answered ${answer.status}`);
    },
  };
}
