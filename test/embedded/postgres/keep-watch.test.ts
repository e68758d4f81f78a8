import { describe, expect, it } from 'vitest';
import { keepWatch, type WatchPatience, type WatchPorts } from '../../../embedded/postgres/keep-watch.ts';
import type { FoundServer } from '../../../embedded/postgres/postmaster-file.ts';

const patience: WatchPatience = { checkEverySeconds: 5, idleLimitSeconds: 600, absentLimitSeconds: 60 };
const server: FoundServer = { pid: 42, started: 'then', port: 5432, isReady: true };

/** A world in which each look of the keeper takes five seconds of its clock. */
class World {
  seconds = 0;
  beat: number | undefined = 1;
  running: FoundServer | undefined = server;
  inCharge = true;
  stops = 0;
  canStop = true;
  readonly recorded: (number | undefined)[] = [];
  readonly errors: unknown[] = [];
  happens: (world: World) => void = () => undefined;

  readonly ports: WatchPorts = {
    lastBeat: async () => this.beat,
    findServer: async () => this.running,
    isInCharge: async () => this.inCharge,
    record: async (found) => void this.recorded.push(found?.pid),
    stopServer: async () => {
      this.stops += 1;
      if (!this.canStop) throw new Error('it does not stop');
      this.running = undefined;
    },
    monotonicMs: () => this.seconds * 1000,
    sleep: async (milliseconds) => {
      this.seconds += milliseconds / 1000;
      if (this.seconds > 100_000) throw new Error('it watches for ever');
      this.happens(this);
    },
    onError: (error) => void this.errors.push(error),
  };

  watch = () => keepWatch(this.ports, patience);
}

describe('a keeper', () => {
  it('stops the server when no runtime has shown itself for ten minutes, and not before', async () => {
    const world = new World();
    expect(await world.watch()).toBe('idle');
    expect([world.stops, world.seconds, world.running]).toEqual([1, 600, undefined]);
  });

  it('keeps it for as long as a runtime shows itself', async () => {
    const world = new World();
    world.happens = ({ seconds }) => {
      if (seconds <= 3000 && seconds % 300 === 0) world.beat = seconds;
    };
    expect(await world.watch()).toBe('idle');
    expect(world.seconds).toBe(3600);
  });

  it('takes a heartbeat for what it is, not for the hour that it names', async () => {
    const world = new World();
    // given a wall clock that jumps back by a year with each beat
    world.happens = ({ seconds }) => {
      if (seconds <= 1200 && seconds % 400 === 0) world.beat = (world.beat ?? 0) - 31_536_000_000;
    };
    expect(await world.watch()).toBe('idle');
    expect(world.seconds).toBe(1800);
  });

  it('counts from when it began, where nobody ever showed himself', async () => {
    const world = new World();
    world.beat = undefined;
    expect(await world.watch()).toBe('idle');
    expect(world.seconds).toBe(600);
  });
});

describe('a keeper and its server', () => {
  it('goes when the server has been gone for a while', async () => {
    const world = new World();
    world.happens = ({ seconds }) => {
      if (seconds === 100) world.running = undefined;
      world.beat = seconds;
    };
    expect(await world.watch()).toBe('absent');
    expect([world.stops, world.seconds]).toEqual([0, 155]);
  });

  it('waits for a server that is only being started', async () => {
    const world = new World();
    world.running = undefined;
    world.happens = ({ seconds }) => {
      if (seconds === 50) world.running = server;
    };
    expect(await world.watch()).toBe('idle');
    expect(world.recorded).toEqual([42]);
  });

  it('leaves the server to another keeper that has taken over', async () => {
    const world = new World();
    world.happens = ({ seconds }) => {
      world.inCharge = seconds < 1000;
      world.beat = seconds;
    };
    expect(await world.watch()).toBe('replaced');
    expect(world.stops).toBe(0);
  });

  it('writes down each server that it finds, once', async () => {
    const world = new World();
    world.happens = ({ seconds }) => {
      if (seconds === 100) world.running = { ...server, pid: 43 };
      if (seconds === 200) world.running = { ...server, pid: 43, started: 'later' };
    };
    await world.watch();
    expect(world.recorded).toEqual([42, 43, 43]);
  });
});

describe('a keeper at the last moment', () => {
  it('tries again to stop what does not stop', async () => {
    const world = new World();
    world.canStop = false;
    world.happens = ({ stops }) => {
      if (stops === 3) world.canStop = true;
    };
    expect(await world.watch()).toBe('idle');
    expect([world.stops, world.errors.length]).toEqual([4, 3]);
  });

  it('keeps the server of a runtime that comes back at the last moment', async () => {
    const world = new World();
    const { ports } = world;
    const late: WatchPorts = {
      ...ports,
      // it shows itself while the keeper is looking at the server
      findServer: () => {
        if (world.seconds === 600) world.beat = 600;
        return ports.findServer();
      },
    };
    expect(await keepWatch(late, patience)).toBe('idle');
    expect(world.seconds).toBe(1200);
  });
});
