import { functionOf } from '../hosts/function';
import { openInventory } from '../hosts/open-inventory';

/** The inventory service as a function, for events of a load balancer, of a function URL and of a schedule. */
export const handler = functionOf(openInventory);
