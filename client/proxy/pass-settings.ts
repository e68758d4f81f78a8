import type { Pass } from './pass.ts';

/** Where the proxy and its certificates are. */
export interface PassPlace {
  readonly port: number;
  /** The authority of the pass alone. */
  readonly authority: string;
  /** The same, and every authority that is trusted otherwise. */
  readonly trusted: string;
}

/** Variables by which programs find more authorities to trust. */
const ADDS_AUTHORITY = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'];

/** Variables by which they find all of them. */
const REPLACES_AUTHORITIES = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'AWS_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'PIP_CERT',
  'NPM_CONFIG_CAFILE',
  'CARGO_HTTP_CAINFO',
];

const THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];

/**
 * The environment of a program that is to use a pass. The secret of the pass is in it, and it is all that is secret:
 * no key, and good for nothing but this proxy.
 *
 * Requests without TLS are sent to the proxy only where a lease is for this machine. What else is on this machine is
 * reached directly, as before.
 */
export function passSettings(pass: Pass, place: PassPlace): Readonly<Record<string, string>> {
  const proxy = `http://${pass.name}:${pass.secret.value.reveal()}@127.0.0.1:${place.port}`;
  const rules = pass.leases.flatMap(({ egress }) => egress);
  const isHere = rules.some(({ network }) => network === 'loopback');
  const direct = THIS_MACHINE.filter((name) => !rules.some(({ host }) => host.toLowerCase() === name)).join(
    ',',
  );
  return {
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    ...(isHere ? { HTTP_PROXY: proxy, http_proxy: proxy } : {}),
    NO_PROXY: direct,
    no_proxy: direct,
    // Node asks for this much before it looks at the others.
    NODE_USE_ENV_PROXY: '1',
    ...Object.fromEntries(ADDS_AUTHORITY.map((name) => [name, place.authority])),
    ...Object.fromEntries(REPLACES_AUTHORITIES.map((name) => [name, place.trusted])),
  };
}
