/**
 * The most requests that a web host has under way to the app, by pool of its nginx; the rest is refused at once (decision
 * 0136). Reads: as many as a read server answers in a turn of its event loop. Others may wait for a failover meanwhile.
 */
export const ROOM = { read: 128, write: 256, critical: 512 } as const;

export type Pool = keyof typeof ROOM;

/** The settings of `app-servers.sh`. */
export const roomSettings = (): Record<string, string> =>
  Object.fromEntries(Object.entries(ROOM).map(([pool, room]) => [`${pool.toUpperCase()}_ROOM`, `${room}`]));
