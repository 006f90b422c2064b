import { openInventory } from './open-inventory';
import { runServer } from './run-server';

runServer({ inventory: openInventory });
