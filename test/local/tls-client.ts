import { once } from 'node:events';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { connect } from 'node:tls';

/** Connects to a server directly, and accepts any certificate. */
const at = (port: number) => ({ host: '127.0.0.1', port, rejectUnauthorized: false });

/** Resolves to the status of the answer. */
export async function statusOf(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const asked = request({ ...at(port), method, path, headers }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

/** The JSON that a GET is answered with. */
export async function bodyOf<Body>(port: number, path: string): Promise<Body> {
  const [answer] = await once(request({ ...at(port), path }).end(), 'response');
  return (await json(answer)) as Body;
}

/**
 * A POST whose body has begun and goes on byte by byte; `finish` sends the rest and resolves to the answer's status.
 */
export async function sendSlowly(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ finish(): Promise<number> }> {
  const socket = connect(at(port));
  await once(socket, 'secureConnect');
  const given = { Host: 'shop', 'Content-Length': String(body.length), ...headers };
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
  let sent = 10;
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body.slice(0, sent)}`);
  const dripping = setInterval(() => socket.write(body[sent++] ?? ''), 500);
  return {
    finish: async () => {
      clearInterval(dripping);
      socket.write(body.slice(sent));
      const [answer] = await once(socket, 'data');
      socket.destroy();
      return Number(String(answer).split(' ')[1]);
    },
  };
}
