import { systemPause, systemRandom } from '../adapters/system/system.ts';
import { auditEntry } from '../contracts/audit-shapes.ts';
import { fit } from '../contracts/check.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveInvocation } from '../shell/serve.ts';
import { wireChains } from '../shell/wiring.ts';
import { appendAudit } from './append-audit.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['append-audit']);
const appender = appendAudit(wireChains(env), (attempt) => systemPause(systemRandom() * 20 * attempt));

export const handler = serveInvocation(openShell(env), (input: unknown) =>
  appender.append(fit(auditEntry, input, 'MALFORMED_REQUEST', 'an audit entry')),
);
