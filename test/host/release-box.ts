import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { Bucket } from './bucket';
import { Box, environment } from './support';

/** A release that answers /readyz with its name when it is started, or not, and may fail its migration. */
export interface Release {
  readonly ready?: boolean;
  readonly migrates?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

/** A box whose systemctl starts and stops a release as a process of its own, on a port of its own. */
export class ReleaseBox extends Box {
  constructor(port: number) {
    super();
    this.standIn('aws', Bucket.quickCli());
    this.standIn('sleep', 'exec /bin/sleep 0.05');
    this.write('var/log/shop/app.log', 'an old line\n');
    this.standIn(
      'systemctl',
      `
stop() {
  [[ -s $ROOT/pid ]] || return 0
  local pid
  pid=$(<"$ROOT/pid")
  kill "$pid" 2>/dev/null
  # Gone, or a zombie that this machine's first process is slow to collect.
  while grep -qsv ') Z ' "/proc/$pid/stat"; do sleep 0.02; done
  rm "$ROOT/pid"
}
start() {
  [[ -e $ROOT/pid ]] && return
  echo start >>"$ROOT/starts"
  cd "$ROOT/opt/shop/current" || return
  node migrate.js >>"$ROOT/var/log/shop/app.log" 2>&1 || return
  PORT=${port} node server.js 9>&- </dev/null >>"$ROOT/var/log/shop/app.log" 2>&1 &
  echo $! >"$ROOT/pid"
}
case $1 in
  stop) stop ;;
  start) start ;;
  restart) stop && start ;;
esac`,
    );
  }

  systemctl(verb: 'stop' | 'restart'): void {
    execFileSync(this.path('bin/systemctl'), [verb], { env: { ...environment(), ROOT: this.root } });
  }

  has(path: string): boolean {
    return existsSync(this.path('opt/shop', path));
  }

  get starts(): number {
    return existsSync(this.path('starts')) ? this.read('starts').trim().split('\n').length : 0;
  }

  get releases(): string[] {
    return readdirSync(this.path('opt/shop/releases')).sort();
  }
}

export const server = (name: string, { ready = true }: Release) => `
  console.log('${name} is ${ready ? 'ready' : 'not ready'}');
  require('node:http')
    .createServer((_, response) => response.writeHead(${ready ? 200 : 503}).end('${name}'))
    .listen(Number(process.env.PORT), '127.0.0.1');`;

export const migration = ({ migrates = true }: Release) =>
  migrates
    ? ''
    : "console.log('mysql://users_owner:hunter2@localhost/users: Unknown column'); process.exit(1);";

/** A zip of these files, dated 1980 as the CDK dates its assets. */
export function zipped(files: Readonly<Record<string, string>>): Buffer {
  const box = new Box();
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = box.write(`zip/${path}`, content);
      utimesSync(file, new Date('1980-01-01T12:00:00'), new Date('1980-01-01T12:00:00'));
    }
    execFileSync('zip', ['-q', '-r', '../files.zip', '.'], { cwd: box.path('zip') });
    return readFileSync(box.path('files.zip'));
  } finally {
    box.remove();
  }
}
