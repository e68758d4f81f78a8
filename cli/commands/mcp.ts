import { withAccessOptions } from '../access-options.ts';
import { examples, type DefineCommand } from '../command-tools.ts';
import { EXIT } from '../exit-codes.ts';
import { untilAborted } from '../until-aborted.ts';
import { openProxy, withProxyOptions, type ProxyOptions } from '../open-proxy.ts';

/** `lockstep mcp`. */
export const defineMcp: DefineCommand = (parent, act) => {
  withProxyOptions(withAccessOptions(parent.command('mcp')))
    .summary('an MCP server by which an agent leases what it never sees')
    .description(
      'Serves the Model Context Protocol on standard input and output, until the client goes: tools to request, list and ' +
        'release leases. What they answer is handles and settings of the proxy, never values.',
    )
    .addHelpText(
      'after',
      examples(
        ['lockstep mcp --as research-agent', 'as a client of MCP starts it'],
        ['lockstep mcp --broker https://…', 'by the broker of an environment on AWS'],
      ),
    )
    .action(
      act<ProxyOptions>(async (invocation) => {
        const { serving, version } = invocation.surroundings;
        const { proxy, ports, stop } = await openProxy(invocation);
        const [{ accessServer }, { LeaseDesk }, { serveOverStdio }] = await Promise.all([
          import('../../client/mcp/access-server.ts'),
          import('../../client/mcp/lease-desk.ts'),
          import('../../client/mcp/serve-over-stdio.ts'),
        ]);
        const desk = new LeaseDesk({ ports, proxy, environment: serving.environment });
        try {
          const gone = serveOverStdio(() => accessServer(desk, version), serving.streams);
          await Promise.race([gone, untilAborted(stop)]);
          return EXIT.done;
        } finally {
          await desk.close();
          await proxy.stop();
        }
      }),
    );
};
