import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { describeError } from '../../lambdas/core/errors.ts';
import type { LeaseDesk } from './lease-desk.ts';

/** What a model is told before anything else. */
const INSTRUCTIONS = [
  'Lockstep leases credentials. No tool here returns a key, a password or a token, whatever it is asked: they are put into',
  'requests by a proxy on this machine, and nobody on this side of it has them. To use a lease, start a program with the',
  'settings of the lease (`set -a; . <settingsFile>`) and let it send requests to the hosts of the lease, with any placeholder',
  'where it insists on a key. A request that the proxy refuses has the header lockstep-proxy, and says why. Release a lease',
  'when it is needed no more.',
].join(' ');

const lease = z.object({
  handle: z.string(),
  leasable: z.string(),
  purpose: z.string(),
  state: z.enum(['live', 'over']),
  expiresAt: z.string(),
  longestUntil: z.string(),
  hosts: z.array(z.string()),
  proxy: z.string(),
  settingsFile: z.string(),
  authorityFile: z.string(),
});

const name = z.string().min(1).max(256);

/** A tool's answer, for programs and for models that read text alone. */
const answered = (structuredContent: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
  structuredContent,
});

/** Runs a tool. A failure is told in our own words: the text of a foreign error may hold anything. */
async function tool(work: () => Promise<Record<string, unknown>>): Promise<CallToolResult> {
  try {
    return answered(await work());
  } catch (error) {
    const { code, message } = describeError(error);
    return { content: [{ type: 'text', text: `${message} (${code})` }], isError: true };
  }
}

/**
 * An MCP server (https://modelcontextprotocol.io) by which an agent requests, lists and releases leases. What it answers is
 * handles and settings of the proxy: the value of a lease is in no type that gets here.
 */
export function accessServer(desk: LeaseDesk, version: string): McpServer {
  const server = new McpServer({ name: 'lockstep', version }, { instructions: INSTRUCTIONS });
  offersTool(server, desk);
  requestTool(server, desk);
  leasesTool(server, desk);
  releaseTool(server, desk);
  return server;
}

function offersTool(server: McpServer, desk: LeaseDesk): void {
  server.registerTool(
    'list_leasables',
    {
      title: 'What can be leased',
      description:
        'Who you are to Lockstep, what you could lease now to use through the proxy, and for which purposes.',
      inputSchema: z.strictObject({}),
      outputSchema: z.object({
        caller: z.string(),
        actingFor: z.string().optional(),
        purposes: z.array(z.string()),
        leasables: z.array(z.string()),
      }),
      annotations: { readOnlyHint: true },
    },
    () => tool(async () => ({ ...(await desk.offers()) })),
  );
}

function requestTool(server: McpServer, desk: LeaseDesk): void {
  server.registerTool(
    'request_lease',
    {
      title: 'Request a lease',
      description:
        'Leases a credential for use through the proxy, and holds it alive until it is released. Answers with a handle and the ' +
        'settings of the proxy, never with the credential. Where people have to approve it, the answer is approval-needed: make ' +
        'exactly the same request again, with that approval, when they have.',
      inputSchema: z.strictObject({
        leasable: name.describe('what to lease, as list_leasables names it'),
        purpose: name
          .optional()
          .describe('one of the purposes you may state; it can only narrow what you may do'),
        ttlSeconds: z.int().min(1).optional().describe('how long it lasts before it is renewed'),
        approval: name.optional().describe('the approval that an earlier answer named'),
      }),
      outputSchema: z.object({
        status: z.enum(['leased', 'approval-needed']),
        lease: lease.optional(),
        approval: z.string().optional(),
        expiresAt: z.string().optional(),
      }),
    },
    ({ leasable, purpose, ttlSeconds, approval }) =>
      tool(async () => {
        const order = {
          leasable,
          ...(purpose === undefined ? {} : { purpose }),
          ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
        };
        return { ...(await desk.request(order, approval)) };
      }),
  );
}

function leasesTool(server: McpServer, desk: LeaseDesk): void {
  server.registerTool(
    'list_leases',
    {
      title: 'Leases of this session',
      description: 'The leases that were requested here and not released, with the settings of the proxy.',
      inputSchema: z.strictObject({}),
      outputSchema: z.object({ leases: z.array(lease) }),
      annotations: { readOnlyHint: true },
    },
    () => tool(async () => ({ leases: desk.list() })),
  );
}

function releaseTool(server: McpServer, desk: LeaseDesk): void {
  server.registerTool(
    'release_lease',
    {
      title: 'Release a lease',
      description: 'Gives a lease back. What uses it is cut off, and its credential ends at its target.',
      inputSchema: z.strictObject({ handle: name.describe('the handle of the lease') }),
      outputSchema: z.object({ released: z.string() }),
      annotations: { destructiveHint: true, idempotentHint: false },
    },
    ({ handle }) =>
      tool(async () => {
        await desk.release(handle);
        return { released: handle };
      }),
  );
}
