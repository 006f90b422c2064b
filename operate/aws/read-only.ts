/** Verbs of operations that change nothing. Every call of `preflight` and `doctor` begins with one. */
const READING = /^(Describe|Get|List|Lookup|Head)[A-Z]/;

/** Refused on this machine, before anything was sent. */
export class ChangingCallError extends Error {
  override readonly name = 'ChangingCallError';
  constructor(operation: string) {
    super(`${operation} may change something; only operations that read are sent from here`);
  }
}

/** The part of an SDK client that all of them share. */
interface Guarded {
  readonly config: { readonly serviceId?: string };
  readonly middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<unknown>,
        context: { commandName?: string },
      ) => (args: never) => Promise<unknown>,
      options: { step: 'initialize'; priority: 'high'; name: string },
    ): void;
  };
}

/** The operation that an error of the SDK answers: `EC2 DescribeSubnets`. */
const operations = new WeakMap<object, string>();
export const operationOf = (error: object): string | undefined => operations.get(error);

/** Lets a client send only what reads, and makes its errors say which operation failed. */
export function readOnly<Client>(client: Client): Client {
  const { middlewareStack, config } = client as Guarded;
  middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, '');
        if (!READING.test(operation)) throw new ChangingCallError(operation);
        try {
          return await next(args);
        } catch (error) {
          if (typeof error === 'object' && error) operations.set(error, `${config.serviceId} ${operation}`);
          throw error;
        }
      },
    { step: 'initialize', priority: 'high', name: 'readOnly' },
  );
  return client;
}
