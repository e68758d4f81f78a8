import type { Readable, Writable } from 'node:stream';
import type { McpServer } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';

/**
 * Serves MCP on two streams, in the revisions of the protocol that clients speak, until the client closes its side.
 *
 * @param make is called once for a connection, and once more where a client asks in a newer way first
 */
export async function serveOverStdio(
  make: () => McpServer,
  { input, output }: { readonly input: Readable; readonly output: Writable },
): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    input.once('end', resolve);
    input.once('close', resolve);
  });
  const served = serveStdio(make, { transport: new StdioServerTransport(input, output) });
  await gone;
  await served.close();
}
