import { userInfo } from 'node:os';

/** The URL of a schema with all rights: servers of this machine trust the user who started them. */
export const adminUrl = (socket: string, schema: string): string =>
  `mysql://${encodeURIComponent(userInfo().username)}@localhost/${schema}?socketPath=${encodeURIComponent(socket)}`;
