import { handler } from '../../lambda/thumbnails/handler';

// The function that renders photos, in a process that `photo-faults.test.ts` sends its events to, and kills.
process.on('message', async (event: Parameters<typeof handler>[0]) => {
  process.send?.('begun');
  process.send?.(await handler(event));
});
