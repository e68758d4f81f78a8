// Preloaded into every process that has to find the hosts of the bed: names under `beds.example` and those of AWS that
// are asked for are on loopback, at the ports that LOCKSTEP_BED_PORTS gives: `{ "<host or *>:<port>": <port> }`. Names
// under `private.beds.example` have an address of a private network besides, as hosts in a VPC have; the way there leads
// to loopback as well. It also puts the process id into the application id of the SDK, so that a function can be killed
// at a call that it makes. CommonJS, because `--require` loads it first.
const dns = require('node:dns');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');

const LOOPBACK = '127.0.0.1';
const PRIVATE = '10.77.0.1';
const isOfBed = (host) => typeof host === 'string' && /\.(beds\.example|amazonaws\.com|on\.aws)$/.test(host);
const addressOf = (host) => (host.endsWith('.private.beds.example') ? PRIVATE : LOOPBACK);
const ports = JSON.parse(process.env.LOCKSTEP_BED_PORTS ?? '{}');

const { lookup } = dns;
dns.lookup = (host, ...rest) => {
  if (!isOfBed(host)) return lookup(host, ...rest);
  const callback = rest.at(-1);
  const options = typeof rest[0] === 'object' ? rest[0] : {};
  if (options.all) process.nextTick(callback, null, [{ address: addressOf(host), family: 4 }]);
  else process.nextTick(callback, null, addressOf(host), 4);
  return undefined;
};
const { lookup: lookupLater } = dns.promises;
dns.promises.lookup = async (host, options) => {
  if (!isOfBed(host)) return lookupLater(host, options);
  const found = { address: addressOf(host), family: 4 };
  return options?.all ? [found] : found;
};

// The way to the private network: whoever would look its name up on the way is sent to loopback.
const toLoopback = (_host, options, callback) =>
  options.all
    ? process.nextTick(callback, null, [{ address: LOOPBACK, family: 4 }])
    : process.nextTick(callback, null, LOOPBACK, 4);

const connect = Reflect.get(net.Socket.prototype, 'connect');
net.Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0];
  if (typeof options === 'object' && options !== null) {
    const port = ports[`${options.host}:${options.port}`] ?? ports[`*:${options.port}`];
    if (port !== undefined) Object.assign(options, { port });
    if (isOfBed(options.host) && addressOf(options.host) === PRIVATE)
      Object.assign(options, { lookup: toLoopback });
  }
  return Reflect.apply(connect, this, given);
};
syncBuiltinESMExports();

if (process.env.LOCKSTEP_FUNCTION)
  process.env.AWS_SDK_UA_APP_ID = `${process.env.LOCKSTEP_FUNCTION}.${process.pid}`;
