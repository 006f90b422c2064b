import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askCache, lockCache, unlockCache } from '../servers/cache';
import type { Component } from '../servers/components';
import type { Fault } from './fault';
import { PHOTO_FAULTS } from './photos';
import { freeze, kill, signalAll } from './signals';
import { disturbSocket } from './slow-socket';
import { processesOfAZone } from './zone';

const LAG_MS = 20;
const DISK_MIB = 900;

const USERS: readonly Component[] = ['usersRead', 'usersWrite'];
const INVENTORY: readonly Component[] = ['read', 'write'];

/** Faults of all processes of a service. */
const faultsOf = (service: string, components: readonly Component[]): readonly Fault[] => [
  {
    name: `kill-${service}`,
    about: `All processes of ${service} are killed; others replace them.`,
    since: 6,
    seconds: 6,
    inject: async (shop) => {
      signalAll(shop, components, 'SIGKILL');
      return async () => undefined;
    },
  },
  {
    name: `freeze-${service}`,
    about: `All processes of ${service} are frozen for eight seconds; their connections stay open.`,
    since: 6,
    seconds: 8,
    inject: async (shop) => {
      const resume = signalAll(shop, components, 'SIGSTOP');
      return async () => resume('SIGCONT');
    },
  },
  {
    name: `slow-${service}`,
    about: `All processes of ${service} stand still for ${STILL_MS} of every ${STILL_MS + MOVING_MS} ms, for eight seconds.`,
    since: 6,
    seconds: 8,
    inject: async (shop) => {
      let slow = true;
      const stutter = async () => {
        while (slow) {
          const resume = signalAll(shop, components, 'SIGSTOP');
          await sleep(STILL_MS);
          resume('SIGCONT');
          await sleep(MOVING_MS);
        }
      };
      const stuttering = stutter();
      return async () => {
        slow = false;
        await stuttering;
      };
    },
  },
];
const STILL_MS = 300;
const MOVING_MS = 60;

export const FAULTS: readonly Fault[] = [
  ...faultsOf('users', USERS),
  ...faultsOf('inventory', INVENTORY),
  ...PHOTO_FAULTS,
  {
    name: 'kill-app',
    about: 'A write process of the app is killed; another one replaces it.',
    since: 3,
    seconds: 5,
    inject: kill('write'),
  },
  {
    name: 'kill-writer',
    about: 'The database that writes is killed; the standby takes over.',
    since: 3,
    seconds: 5,
    inject: kill('database'),
  },
  {
    name: 'kill-zone',
    about: 'A process of each group, a worker of nginx and the database that writes are killed together.',
    since: 3,
    seconds: 6,
    inject: async (shop) => {
      for (const pid of processesOfAZone(shop)) process.kill(pid, 'SIGKILL');
      return async () => undefined;
    },
  },
  {
    name: 'freeze',
    about: 'A process of the app is frozen for five seconds; its connections stay open.',
    since: 1,
    seconds: 5,
    inject: (shop) => freeze(shop, shop.processes().app ? 'app' : 'read'),
  },
  {
    name: 'lag',
    about: `Each answer of the database takes ${LAG_MS} ms more for eight seconds.`,
    since: 1,
    seconds: 8,
    inject: ({ socket }) => disturbSocket(socket, { lagMs: LAG_MS }),
  },
  {
    name: 'cut',
    about: 'The database is unreachable for three seconds.',
    since: 1,
    seconds: 3,
    inject: ({ socket }) => disturbSocket(socket, { cut: true }),
  },
  {
    name: 'kill-cache',
    about: 'The shared cache is killed; an empty one replaces it.',
    since: 4,
    seconds: 5,
    inject: kill('cache'),
  },
  {
    name: 'freeze-cache',
    about: 'The shared cache is frozen for eight seconds; its connections stay open.',
    since: 4,
    seconds: 8,
    inject: (shop) => freeze(shop, 'cache'),
  },
  {
    name: 'fill-cache',
    about: 'The shared cache has no memory left for eight seconds, and refuses every new entry.',
    since: 4,
    seconds: 8,
    inject: async (shop) => {
      await askCache(shop, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await askCache(shop, 'CONFIG', 'SET', 'maxmemory', '1mb');
      return async () => {
        await askCache(shop, 'CONFIG', 'SET', 'maxmemory', '64mb');
        await askCache(shop, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      };
    },
  },
  {
    name: 'lock-cache',
    about: 'The shared cache has another password for five seconds, and all its connections are cut.',
    since: 4,
    seconds: 5,
    inject: async (shop) => {
      const password = await lockCache(shop);
      return () => unlockCache(shop, password);
    },
  },
  {
    name: 'kill-reader',
    about: 'A read replica is killed; it comes back by itself.',
    since: 4,
    seconds: 5,
    inject: kill('reader'),
  },
  {
    name: 'freeze-reader',
    about: 'A read replica is frozen for eight seconds; its connections stay open.',
    since: 4,
    seconds: 8,
    inject: (shop) => freeze(shop, 'reader'),
  },
  {
    name: 'fill',
    about: 'The disk with the data and logs is full for five seconds.',
    since: 1,
    seconds: 5,
    prepare: smallDisk,
    inject: async ({ home }) => {
      const filler = join(home, 'filler');
      fill(filler);
      return async () => rmSync(filler);
    },
  },
];

export const faultNamed = (name: string): Fault | undefined => FAULTS.find((fault) => fault.name === name);

/** A separate disk, in memory. */
function smallDisk(folder: string): () => void {
  if (process.getuid?.() !== 0) throw new Error('The fault "fill" mounts a small disk, which needs root');
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'shop-lab', folder]);
  return () => {
    execFileSync('umount', [folder]);
  };
}

const CHUNK = Buffer.alloc(1 << 20);

function fill(path: string): void {
  for (const size of [CHUNK.length, 4096]) {
    try {
      for (;;) writeFileSync(path, CHUNK.subarray(0, size), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  if (!existsSync(path)) throw new Error('Nothing fits on the disk');
}
