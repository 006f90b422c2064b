import { openUsers } from './open-users';
import { runServer } from './run-server';

runServer({ users: openUsers });
