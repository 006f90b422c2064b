import { type Connection, type Done, type HttpRequest, openConnection, type Target } from './connection';

export interface PoolOptions {
  readonly target: Target;
  /** The most requests in flight at a time. */
  readonly connections: number;
}

export interface Pool {
  /** Sends on a free connection, now or once there is one; `sent` is called when the request goes out. */
  send(request: HttpRequest, sent: () => void, done: Done): { abort(): void };
  close(): void;
}

/**
 * Connections that take turns, each from a different address: a loopback address, and for servers that trust a load
 * balancer's header about the client, an address of a network for documentation.
 */
export function openPool({ target, connections }: PoolOptions): Pool {
  const idle: Slot[] = Array.from({ length: connections }, (_, number) => ({
    number,
    connection: undefined,
  }));
  const waiting: ((slot: Slot) => void)[] = [];
  const free = (slot: Slot) => {
    const next = waiting.shift();
    if (next) next(slot);
    else idle.push(slot);
  };

  return {
    send: (request, sent, done) => {
      let aborted = false;
      let active: Connection | undefined;
      const go = (slot: Slot) => {
        if (aborted) return free(slot);
        if (!slot.connection?.usable)
          slot.connection = openConnection(target, loopbackOf(target, slot.number));
        active = slot.connection;
        sent();
        const headers = { 'X-Forwarded-For': clientOf(slot.number), ...request.headers };
        active.send({ ...request, headers }, (error, answer) => {
          free(slot);
          done(error, answer);
        });
      };
      const slot = idle.shift();
      if (slot) go(slot);
      else waiting.push(go);
      return {
        abort: () => {
          aborted = true;
          if (active) active.close();
          else done(new Error('No connection was free'));
        },
      };
    },
    close: () => {
      for (const { connection } of idle) connection?.close();
    },
  };
}

interface Slot {
  readonly number: number;
  connection: Connection | undefined;
}

/** 127.0.0.0/8 is this machine on Linux alone. */
const loopbackOf = ({ host }: Target, number: number): string | undefined =>
  process.platform === 'linux' && host === '127.0.0.1'
    ? `127.${64 + (number >> 6)}.${number & 63}.1`
    : undefined;

const clientOf = (number: number): string => `198.${18 + (number >> 8)}.${number & 255}.1`;
