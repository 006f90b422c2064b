import type { Logger } from '../shared/runtime/log';
import type { KeyRenewal } from '../shared/sql/signing-keys';
import type { OpenOptions } from '../shared/sql/sql';
import type { SessionCopiesOptions } from '../users/sessions/session-copies';
import type { HostedService } from './hosted-service';
import type { ReplicaAccess } from './schema';

export interface OpenServiceOptions {
  /** `report`: a process that may write is told of the use of sessions. Default: this process stores it. */
  readonly sessionUse?: 'report';
  /** Processes that write rotate the keys of the cookie `wrote`; read-only ones reload them. */
  readonly keys?: KeyRenewal;
  /** Copies of sessions in the shared cache: used or ended by this process. Default: neither. */
  readonly sessionCopies?: SessionCopiesOptions['access'];
  /** Default: this process neither uses replicas nor shows them the time. */
  readonly replicas?: ReplicaAccess;
  /** The use of the databases. Default: that of a server. */
  readonly use?: OpenOptions['use'];
}

export type OpenService = (
  env: NodeJS.ProcessEnv,
  log: Logger,
  options?: OpenServiceOptions,
) => Promise<HostedService>;

/** By the value of SHOP_SERVICES. */
export type Services = Readonly<Record<string, OpenService>>;
