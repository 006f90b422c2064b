import { join } from 'node:path';
import { RPC_ROUTES, SERVICE_ROUTES } from '../../lambda/hosts/service-routes';
import { type GroupName, groupName } from '../../lib/phases';
import { freePort } from './free-port';
import type { Host } from './host';
import { type Nginx, serversFile, startNginx } from './nginx';
import { userOf, type WebRoot } from './web';

type Ports = Readonly<Record<GroupName, readonly number[]>>;

/** The load balancers before the application: for requests of clients, and for calls between services. */
export interface Balancers extends Nginx {
  readonly appPort: number;
  readonly rpcPort: number;
}

export interface BalancersOptions {
  readonly binary: string;
  readonly web: WebRoot;
  readonly ports: Pick<Balancers, 'appPort' | 'rpcPort'>;
  /** The processes of each group. */
  readonly upstreams: Ports;
}

export const balancerPorts = async () => ({ appPort: await freePort(), rpcPort: await freePort() });

/** Both balancers in one nginx, with the routes of the real ones. */
export async function startBalancers(
  { servers, home, say }: Host,
  { binary, web, ports, upstreams }: BalancersOptions,
): Promise<Balancers> {
  const root = join(home, 'balancers');
  const nginx = await startNginx(servers, {
    ...{ name: 'The balancers', say, binary, root, log: join(home, 'balancers.log'), upstreams },
    configuration: configurationOf({ root, web, ...ports, groups: Object.keys(upstreams) }),
  });
  return { ...nginx, ...ports };
}

interface Facts extends Pick<Balancers, 'appPort' | 'rpcPort'> {
  readonly root: string;
  readonly web: WebRoot;
  readonly groups: readonly string[];
}

/** A balancer checks health by itself; here, a process that fails or keeps silent is left out for a moment. */
const configurationOf = ({ root, web, appPort, rpcPort, groups }: Facts): string => `
${userOf()}
worker_processes 1;
pid ${root}/run/nginx.pid;
events { worker_connections 2048; }
http {
  access_log off;
  ssl_certificate ${web.certificate};
  ssl_certificate_key ${web.key};
  keepalive_timeout 60s;
  client_max_body_size 1m;
  large_client_header_buffers 4 20k;
${groups.map((group) => `  upstream ${group} { zone ${group} 64k; include ${root}/${serversFile(group)}; keepalive 32; }`).join('\n')}
  map $request_method $access { GET read; HEAD read; default write; }
  map "$access $uri" $group {
${SERVICE_ROUTES.flatMap(({ service, paths }) =>
  (['read', 'write'] as const).flatMap((access) =>
    paths.map((path) => `    "~^${access} ${path.slice(0, -1)}" ${groupName({ service, access })};`),
  ),
).join('\n')}
    "~^read " read;
    default write;
  }
  map $uri $callee {
${RPC_ROUTES.flatMap(({ service, access, paths }) =>
  paths.map((path) => `    ${path} ${groupName({ service, access })};`),
).join('\n')}
    default '';
  }
  map $request_method $kind { GET repeated; HEAD repeated; POST repeated; PATCH repeated; default once; }
  proxy_http_version 1.1;
  proxy_set_header Connection '';
  proxy_set_header Host $http_host;
  proxy_connect_timeout 1s;
  proxy_next_upstream error timeout;
  proxy_next_upstream_timeout 3s;
  server {
    listen 127.0.0.1:${appPort} ssl;
    location /rpc/ { return 404; }
    location / { try_files /dev/null/none @$kind; }
    location @repeated { proxy_pass https://$group; proxy_read_timeout 25s; }
    location @once { proxy_pass https://$group; proxy_read_timeout 25s; proxy_next_upstream off; }
  }
  server {
    listen 127.0.0.1:${rpcPort} ssl;
    location / { return 404; }
    location /rpc/ {
      if ($callee = '') { return 404; }
      proxy_pass https://$callee;
      proxy_read_timeout 5s;
      proxy_next_upstream off;
    }
  }
}
`;
