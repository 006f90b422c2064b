/**
 * Objects in the Deployments bucket by which a move is followed and commanded. The infrastructure names them too, so this
 * imports nothing: a library that came with it would be loaded by each synthesis.
 */

/** The marker of the place of the shop's data. */
export const PLACEMENT_KEY = 'placement.json';

/** Through these a deployer's machine and the app on the box communicate. */
export const moveKeys = { command: 'move/command.json', status: 'move/status.json' } as const;

/** The marker of the place of the users. */
export const FEDERATION_KEY = 'federation.json';

/** As `moveKeys`, for the move of the users to a cluster of their own, which a function executes. */
export const federationKeys = {
  command: 'federation/command.json',
  status: 'federation/status.json',
} as const;
