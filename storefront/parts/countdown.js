import { shopNow } from '../app/api.js';
import { h } from '../app/dom.js';
import { minutes } from '../app/format.js';

/** Seconds left at which screen readers announce the time; announcing every second would drown everything else. */
const SPOKEN_AT = [300, 60];

/** The shop expires reservations in batches: one may still be held just after its time, so polling waits a moment. */
const GRACE_MS = 2000;

/** Counts down to the end of a reservation, then calls `over`, unless `signal` aborts before. */
export function countdown({ createdAt, expiresAt, signal, over }) {
  const end = Date.parse(expiresAt);
  const whole = Math.max(1, end - Date.parse(createdAt));
  const digits = h('b', { class: 'digits' });
  const bar = h('progress', { max: 1000, 'aria-hidden': 'true' });
  const spoken = h('span', { class: 'unseen', role: 'status' });
  const box = h(
    'div',
    { class: 'countdown', role: 'timer' },
    h('span', {}, 'Time left '),
    digits,
    bar,
    spoken,
  );
  let last;
  let asking;
  const tick = () => {
    const left = (end - shopNow()) / 1000;
    digits.textContent = minutes(left);
    bar.value = Math.max(0, Math.round((left * 1_000_000) / whole));
    box.classList.toggle('soon', left <= SPOKEN_AT[1]);
    const now = SPOKEN_AT.findLast((seconds) => left <= seconds);
    if (now !== last && left > 0) spoken.textContent = `${Math.ceil(left / 60)} minutes left`;
    last = now;
    if (left > 0) return;
    stop();
    asking = setTimeout(over, GRACE_MS);
  };
  const timer = setInterval(tick, 500);
  const stop = () => {
    clearInterval(timer);
    clearTimeout(asking);
  };
  signal.addEventListener('abort', stop);
  tick();
  return box;
}
