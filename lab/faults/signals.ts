import type { Component } from '../servers/components';
import type { LabShop } from '../servers/shop';
import type { Undo } from './fault';

export const kill =
  (component: Component) =>
  async (shop: LabShop): Promise<Undo> => {
    signal(shop, component, 'SIGKILL');
    return async () => undefined;
  };

export async function freeze(shop: LabShop, component: Component): Promise<Undo> {
  const pid = signal(shop, component, 'SIGSTOP');
  return async () => void process.kill(pid, 'SIGCONT');
}

/** Sends a signal to the first process of a component. Returns its pid. */
function signal(shop: LabShop, component: Component, name: NodeJS.Signals): number {
  const [pid] = shop.processes()[component] ?? [];
  if (pid === undefined) throw new Error(`Phase ${shop.phase.number} has no ${component}`);
  process.kill(pid, name);
  return pid;
}

/** Sends a signal to all processes of components. Returns a function that sends another to the same ones. */
export function signalAll(
  shop: LabShop,
  components: readonly Component[],
  name: NodeJS.Signals,
): (next: NodeJS.Signals) => void {
  const running = shop.processes();
  const pids = components.flatMap((component) => running[component] ?? []);
  if (pids.length === 0) throw new Error(`Phase ${shop.phase.number} has no ${components.join(', ')}`);
  const send = (signalName: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        process.kill(pid, signalName);
      } catch {
        // It ended meanwhile.
      }
    }
  };
  send(name);
  return send;
}
