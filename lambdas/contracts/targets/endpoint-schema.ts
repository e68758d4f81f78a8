import * as z from 'zod';

const pemCertificates =
  /^\s*(?:(?:#[^\n]*\n)?-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/;

/**
 * Where a server is. TLS is verify-full for every host that is not loopback; `ca` says whom to trust, absent the
 * system's roots.
 */
export const serverEndpoint = (port: number) =>
  z
    .strictObject({
      host: z
        .union([
          z
            .string()
            .max(253)
            .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/),
          z.ipv6(),
        ])
        .describe("the writer's host name or address, without scheme, port or brackets"),
      port: z.int().min(1).max(65_535).default(port).describe('a port from 1 to 65535'),
      ca: z
        .string()
        .max(32_768)
        .regex(pemCertificates)
        .optional()
        .describe(
          'the text of at most 32 KB of PEM certificates (of one region, not of all), and nothing else',
        ),
    })
    .describe('{ host, port?, ca? } of the server');
