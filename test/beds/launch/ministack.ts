import { join } from 'node:path';
import { startBed, type RunningBed } from './bed-process.ts';
import { freePort } from './free-port.ts';
import { bedProgram, BEDS_FOLDER } from './install-beds.ts';

/** A bed and where it listens. */
export interface AddressedBed {
  readonly bed: RunningBed;
  readonly url: string;
}

/**
 * MiniStack (https://pypi.org/project/ministack/): most of AWS, Lambda functions as processes of this machine. It is
 * kept to loopback, and off every port that it would open besides.
 */
export async function startMinistack(): Promise<AddressedBed> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const bed = await startBed({
    name: 'MiniStack',
    command: [bedProgram('ministack')],
    environment: {
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      SFTP_ENABLED: '0',
      IOT_MTLS_ENABLED: '0',
      AWS_ENDPOINT_URL: url,
      MINISTACK_REGION: BED_REGION,
      PERSIST_STATE: '0',
    },
    log: join(BEDS_FOLDER, 'ministack.log'),
    isReady: async () => (await fetch(`${url}/_ministack/health`)).ok,
  });
  return { bed, url };
}

/** The account and the region that everything of the beds lies in. */
export const BED_ACCOUNT = '000000000000';
export const BED_REGION = 'us-east-1';
