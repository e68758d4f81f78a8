/**
 * A process that reads what it is not bound to: `research-agent`, with its own identity, asks for the database's
 * login. It is refused, and the watch has something to see. Prints the status of the answer.
 */
import { AttemptLog } from './attempt-log.ts';
import { readOrders } from './service-orders.ts';
import { EndpointError, WorkloadClient } from './workload-client.ts';

const orders = readOrders();
const client = new WorkloadClient(
  { workload: orders.name, ...orders },
  new AttemptLog('stranger', orders.folder, () => new Date()),
);
try {
  await client.read(String(orders.settings['credential'] ?? ''));
  console.log('200');
} catch (error) {
  console.log(error instanceof EndpointError ? String(error.status) : 'no answer');
}
