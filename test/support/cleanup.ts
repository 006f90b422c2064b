const left = new Set<() => Promise<void>>();

/**
 * Returns `close` so that it runs once: when the test calls it, or else after all tests of the file, even if they
 * failed. Helpers register everything that they open, so that a failed test leaves nothing that keeps its process
 * alive.
 */
export function cleanup(close: () => unknown): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const once = () => {
    left.delete(once);
    closed ??= Promise.resolve().then(async () => void (await close()));
    return closed;
  };
  left.add(once);
  return once;
}

/** The same for an object that is closed by its `close`. */
export const closing = <Resource extends { close(): unknown }>(resource: Resource): Resource => ({
  ...resource,
  close: cleanup(() => resource.close()),
});

/** The same for an HTTP server, with the connections that clients keep. */
export const cleanupServer = (server: { close(): unknown; closeAllConnections(): void }): void =>
  void cleanup(() => {
    server.closeAllConnections();
    server.close();
  });

// In reverse order. A failure to close one does not keep the others open.
afterAll(async () => {
  const errors: unknown[] = [];
  for (const close of [...left].reverse()) await close().catch((error) => errors.push(error));
  if (errors.length > 0) throw errors[0];
});
