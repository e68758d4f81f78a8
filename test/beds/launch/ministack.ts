import { join } from 'node:path';
import { startBed, type RunningBed } from './bed-process.ts';
import { freePort } from './free-port.ts';
import { bedProgram } from './install-beds.ts';
import { runFolder, scratchFolder } from './run-folder.ts';

/** A bed and where it listens. */
export interface AddressedBed {
  readonly bed: RunningBed;
  readonly url: string;
}

/** What a start of MiniStack may be given. */
export interface MinistackOptions {
  /** Where to listen; otherwise a port that is free. */
  readonly port?: number;
  /** What its log is called. */
  readonly logName?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * MiniStack (https://pypi.org/project/ministack/): most of AWS, Lambda functions as processes of this machine. It is
 * kept to loopback, and off every port that it would open besides.
 */
export async function startMinistack(options: MinistackOptions = {}): Promise<AddressedBed> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const bed = await startBed({
    name: 'MiniStack',
    command: [bedProgram('ministack')],
    port,
    environment: {
      TMPDIR: scratchFolder(),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      SFTP_ENABLED: '0',
      IOT_MTLS_ENABLED: '0',
      AWS_ENDPOINT_URL: url,
      MINISTACK_REGION: BED_REGION,
      PERSIST_STATE: '0',
      ...options.environment,
    },
    log: join(runFolder(), `${options.logName ?? 'ministack'}.log`),
    isReady: async (signal) => {
      const answer = await fetch(`${url}/_ministack/health`, { signal });
      const { services } = (await answer.json()) as { readonly services?: Readonly<Record<string, unknown>> };
      return answer.ok && services?.['secretsmanager'] !== undefined;
    },
  });
  return { bed, url };
}

/** The account and the region that everything of the beds lies in. */
export const BED_ACCOUNT = '000000000000';
export const BED_REGION = 'us-east-1';
