import { openInventory } from './open-inventory';
import { openShop } from './open-shop';
import { openUsers } from './open-users';
import { runServer } from './run-server';

runServer({ all: openShop, users: openUsers, inventory: openInventory });
