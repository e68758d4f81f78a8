import { describe, expect, it } from 'vitest';
import { parsePostmasterFile } from '../../../embedded/postgres/postmaster-file.ts';
import { serverFiles } from '../../../embedded/postgres/server-files.ts';
import { serverSettings, settingArguments } from '../../../embedded/postgres/settings.ts';
import { startFailure } from '../../../embedded/postgres/start-failure.ts';

describe('why a server did not start', () => {
  const attempt = { doing: 'the start', where: '/x/server.log', port: 5432 };

  it.each([
    ['PORT_IN_USE', 'could not bind IPv4 address "127.0.0.1": Address already in use'],
    ['NO_ROOM', 'FATAL:  could not write lock file "postmaster.pid": No space left on device'],
    ['FOLDER_IN_USE', 'FATAL:  lock file "postmaster.pid" already exists'],
    ['FOLDER_IN_USE', 'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use'],
    ['FOLDER_MISMATCH', 'FATAL:  database files are incompatible with server'],
    ['FOLDER_FORBIDDEN', 'FATAL:  data directory "/x/data" has wrong ownership'],
    ['FOLDER_FORBIDDEN', 'initdb: error: could not create directory "/x": Permission denied'],
    ['SERVER_FAILED', 'FATAL:  something that nobody has seen before'],
  ])('%s', (code, said) => {
    const error = startFailure(said, attempt);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain(said);
  });

  it('a full disk is named before whatever it led to', () => {
    const said = 'could not create lock file: No space left on device\ncould not create any TCP/IP sockets';
    expect(startFailure(said, attempt).code).toBe('NO_ROOM');
  });
});

describe('the settings of a server', () => {
  it('cannot be talked out of what Lockstep relies on', () => {
    const settings = serverSettings(serverFiles('/x'), 5432, {
      listen_addresses: '*',
      password_encryption: 'md5',
      log_connections: 'off',
      work_mem: '8MB',
    });
    expect(settings).toMatchObject({
      listen_addresses: '127.0.0.1',
      password_encryption: 'scram-sha-256',
      log_connections: 'on',
      log_disconnections: 'on',
      unix_socket_directories: '/x/data',
      work_mem: '8MB',
    });
    expect(settingArguments({ a: '1', b: '2' })).toEqual(['-c', 'a=1', '-c', 'b=2']);
  });

  it('have no socket where its path would be too long for one', () => {
    expect(serverSettings(serverFiles(`/${'x'.repeat(90)}`), 1)['unix_socket_directories']).toBe('');
  });
});

describe('postmaster.pid', () => {
  it('is read line by line', () => {
    const text = '11027\n/x/data\n1795482889\n55432\n/x/data\n127.0.0.1\n 10061808         4\nready   \n';
    expect(parsePostmasterFile(text)).toEqual({ pid: 11_027, port: 55_432, status: 'ready' });
  });

  it.each(['', 'x\n', '-1\n', '0\n'])('is nothing yet while it says %j', (text) => {
    expect(parsePostmasterFile(text)).toBeUndefined();
  });
});
