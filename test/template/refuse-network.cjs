// Preloaded into every process of a run that has to do without a network: notes each attempt to leave this machine,
// and refuses it. CommonJS, because `--require` loads it before anything else.
const { appendFileSync } = require('node:fs');
const dns = require('node:dns');
const net = require('node:net');

const isHere = (host) => host === undefined || ['localhost', '127.0.0.1', '::1'].includes(host);
const refuse = (what) => {
  if (process.env.NETWORK_ATTEMPTS) appendFileSync(process.env.NETWORK_ATTEMPTS, `${what}\n`);
  throw new Error(`no network in this run: ${what}`);
};

const { lookup } = dns;
dns.lookup = (host, ...rest) => (isHere(host) ? lookup(host, ...rest) : refuse(`lookup ${host}`));
const connect = Reflect.get(net.Socket.prototype, 'connect');
net.Socket.prototype.connect = function (...given) {
  const first = Array.isArray(given[0]) ? given[0][0] : given[0];
  const options = typeof first === 'object' && first !== null ? first : { port: first, host: given[1] };
  // A path is a socket of this machine: how processes of one program talk to each other.
  if (options.path === undefined && typeof options.port === 'number' && !isHere(options.host))
    refuse(`connect ${options.host}`);
  return connect.apply(this, given);
};
