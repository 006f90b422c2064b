import type { ServerCommand, Servers } from './processes';

/** Starts a server and restarts it when it ends, as a group replaces its hosts. Gives up if a start fails. */
export function keep<Started extends { readonly pid: number }>(
  servers: Pick<Servers, 'giveUp'>,
  say: (line: string) => void,
  name: string,
  start: (ended: ServerCommand['ended']) => Promise<Started>,
): Promise<Started> {
  const ended = (why: string) => {
    say(why);
    start(ended).then(
      ({ pid }) => say(`${name} restarted as process ${pid}`),
      (error: Error) => servers.giveUp(error.message),
    );
  };
  return start(ended);
}
