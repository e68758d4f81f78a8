import { parseOutboxStream } from '../adapters/dynamo-ledger/outbox-stream.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveCaller } from '../shell/serve.ts';
import { wireBus, wireOutbox } from '../shell/wiring.ts';
import { publishCommitted } from './publish-committed.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['publish-outbox']);
const shell = openShell(env);
const [outbox, bus] = [wireOutbox(env), wireBus(env)];

export const handler = serveCaller(shell, (batch: unknown) =>
  publishCommitted(outbox, bus, parseOutboxStream(batch), (count) =>
    shell.log.warn('outbox items that are no events', { count }),
  ),
);
