import fc from 'fast-check';
import { createEventQueue } from '../../../lab/simulator/event-queue';

test('events come in the order of their times, and of their arrival at the same time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 })), (times) => {
      const queue = createEventQueue();
      const came: [number, number][] = [];
      times.forEach((at, place) => {
        queue.add(at, () => came.push([at, place]));
      });
      for (let event = queue.next(); event; event = queue.next()) event.run();
      expect(came).toEqual(times.map((at, place) => [at, place]).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)));
    }),
  );
});
