import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type RequestOptions, request, type Server } from 'node:https';
import { insideName, makeCertificate } from '../../lib/compute/balancer/inside-certificate.steps';
import { cleanup } from '../support/cleanup';
import { eventually } from '../support/until';
import { certificateFor, environment, freePorts, type Pair, TierHost } from './support';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The port at the other end: the same number, the same connection. */
  readonly connection: number;
}

/** Stands for the application behind its balancer: over TLS, and it says which path it got. */
export class AppServer {
  readonly seen: Seen[] = [];
  handler = answerPath;
  private server?: Server;

  constructor(readonly port: number) {}

  async listen({ certificate, key }: Pair): Promise<void> {
    const server = createServer({ cert: certificate, key, keepAliveTimeout: 75_000, maxHeaderSize: 32_768 });
    server.on('request', async (incoming, answer) => {
      const { method = '', url = '', headers, socket } = incoming;
      const seen = { method, url, headers, connection: socket.remotePort ?? 0, body: await textOf(incoming) };
      this.seen.push(seen);
      await this.handler(seen, answer);
    });
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.server = server;
  }

  /** Refuses connections from now on, and cuts those there are. */
  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  }
}

export interface Pools {
  readonly read: number;
  readonly write: number;
  /** Parameters behind the address of a server in its pool, as `app-servers.sh` writes them. */
  readonly server?: string;
  /** Default: one for each core. */
  readonly workers?: number;
  /** Default 100. */
  readonly loggedReadsPercent?: number;
}

/** nginx with the very configuration of a web host, in front of so many servers of each pool. */
export class WebTier {
  readonly host = new TierHost('web', { ROLE: 'web', APP_BALANCER: 'app.internal' });
  private readonly agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  nginx?: ChildProcess;

  private constructor(
    readonly port: number,
    readonly read: readonly AppServer[],
    readonly write: readonly AppServer[],
    /** As the application's balancer has it. */
    readonly pair: Pair,
  ) {}

  static async start({ read, write, server = 'max_fails=0', ...options }: Pools): Promise<WebTier> {
    const [port = 0, ...ports] = await freePorts(1 + read + write);
    const apps = ports.map((free) => new AppServer(free));
    const tier = new WebTier(port, apps.slice(0, read), apps.slice(read), await makeCertificate(insideName));
    await Promise.all(apps.map((app) => app.listen(tier.pair)));
    for (const [pool, servers] of Object.entries({
      read: tier.read,
      write: tier.write,
      critical: tier.write,
    })) {
      tier.host.write(
        `etc/shop/web/${pool}.servers`,
        servers.map((app) => `server 127.0.0.1:${app.port} ${server};\n`).join(''),
      );
    }
    tier.host.write('etc/shop/tls/inside.pem', tier.pair.certificate);
    const own = certificateFor('shop');
    tier.host.write('etc/shop/tls/current/certificate.pem', own.certificate);
    tier.host.write('etc/shop/tls/current/key.pem', own.key);
    const conf = tier.host.nginx(port, options);
    execFileSync('nginx', ['-t', '-q', '-c', conf], { env: environment() });
    tier.nginx = spawn('nginx', ['-c', conf, '-g', 'daemon off;'], { env: environment(), stdio: 'ignore' });
    await eventually(() => tier.ask('GET', '/healthz'));
    return tier;
  }

  /** A request as the balancer forwards it; by default each is from another customer. */
  ask(
    method: string,
    path: string,
    headers: RequestOptions['headers'] = {},
    body = '',
    agent = this.agent,
  ): Promise<Answer> {
    const { port } = this;
    const options = { port, host: '127.0.0.1', path, method, agent };
    return new Promise((done, failed) => {
      const common = { 'X-Forwarded-For': nextCustomer(), 'Content-Length': Buffer.byteLength(body) };
      const asked = request({ ...options, headers: { ...common, ...headers } });
      asked.once('error', failed);
      asked.once('response', async (response) =>
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: await textOf(response),
        }),
      );
      asked.end(body);
    });
  }

  get apps(): readonly AppServer[] {
    return [...this.read, ...this.write];
  }

  /** Number of requests for this path that reached the application. */
  count(path: string): number {
    return this.apps.flatMap(({ seen }) => seen).filter(({ url }) => url === path).length;
  }

  /** Every server as it began. */
  reset(): void {
    for (const app of this.apps) {
      app.seen.length = 0;
      app.handler = answerPath;
    }
  }

  readonly stop = cleanup(async () => {
    this.agent.destroy();
    const { nginx } = this;
    if (nginx?.kill()) await new Promise((done) => nginx.once('exit', done));
    await Promise.all(this.apps.map((app) => app.stop()));
    this.host.remove();
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function answerPath({ url }: Seen, answer: ServerResponse): void | Promise<void> {
  answer.end(url);
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** A different client for each test, so that none is refused for the requests of another one. */
let customers = 0;
const nextCustomer = () => {
  customers += 1;
  return `198.${51 + (customers >> 16)}.${(customers >> 8) & 255}.${customers & 255}`;
};
