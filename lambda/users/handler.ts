import { functionOf } from '../hosts/function';
import { openUsers } from '../hosts/open-users';

/** The user service as a function, for events of a load balancer, of a function URL and of a schedule. */
export const handler = functionOf(openUsers);
