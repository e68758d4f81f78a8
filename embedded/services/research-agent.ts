/**
 * `research-agent` of the example workspace: holds no standing key of anything, and works by leases alone.
 */
import { embeddedAccess } from '../../client/access/embedded-access.ts';
import { AttemptLog } from './attempt-log.ts';
import { HeldLeases } from './held-leases.ts';
import { LeasingAgent } from './leasing-agent.ts';
import { again, beginService, liveAsService } from './service-life.ts';

const orders = await beginService();
const { name, folder, environment, identity, runtime } = orders;
const log = new AttemptLog(name, folder, () => new Date());
const leases = new HeldLeases(embeddedAccess({ subject: name, environment, identity, runtime }), log);
const agent = await LeasingAgent.start({ name, leases, log });

await liveAsService(orders, () => agent.end());

// Until there is one of each: from then on they are held alive by themselves.
again(2000, () => agent.holdVectors());
again(2000, () => agent.holdModel());
again(250, () => agent.ask());
again(250, () => agent.search());
again(1000, async () => log.publish());
