import { startHeader } from '../parts/header.js';
import { start } from './router.js';
import { refreshUser } from './session.js';

startHeader();
start();
refreshUser();
