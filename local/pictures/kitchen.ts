import { box, circle, type Drawing, line, oval, shape } from './shapes';

const kettle: Drawing = ({ main, dark, light, ink, accent }) => [
  line('M140 190 C140 100 260 100 260 190', ink, 12),
  box(172, 108, 56, 18, accent, 9),
  shape('M252 262 L322 196 L334 208 L280 292 Z', dark),
  shape('M118 310 C98 240 130 186 200 186 C270 186 302 240 282 310 Z', main),
  shape('M136 300 C124 246 144 210 176 202 C150 236 146 268 154 300 Z', light),
  oval(200, 188, 52, 12, dark),
  circle(200, 172, 11, ink),
];

const mug: Drawing = ({ main, dark, light, cream, ink }) => [
  line('M262 206 C326 196 326 284 258 276', dark, 18),
  shape('M126 176 L274 176 L264 290 C262 304 254 310 240 310 L160 310 C146 310 138 304 136 290 Z', main),
  shape('M126 176 L274 176 L271 212 L129 212 Z', cream),
  oval(200, 176, 74, 16, light),
  oval(200, 178, 62, 11, ink),
  line('M176 146 C164 128 188 118 176 98', cream, 7),
  line('M216 146 C204 128 228 118 216 98', cream, 7),
];

const board: Drawing = ({ accent, dark, light, main, cream }) => [
  box(120, 96, 160, 214, accent, 26),
  box(178, 62, 44, 60, accent, 18),
  circle(200, 88, 9, cream),
  line('M148 132 L148 280 M176 126 L176 290 M228 128 L228 286 M256 136 L256 276', light, 4),
  circle(238, 272, 42, main),
  circle(228, 262, 13, light),
  line('M238 232 C240 216 252 210 264 212', dark, 7),
  shape('M226 234 L238 226 L252 234 L240 240 Z', '#5c8a4a'),
];

const pourOver: Drawing = ({ cream, ink, accent, main, light }) => [
  shape('M136 92 L264 92 L218 176 L182 176 Z', cream),
  shape('M148 92 L252 92 L244 108 L156 108 Z', main),
  box(172, 172, 56, 16, accent, 8),
  shape('M180 188 L220 188 L268 290 C272 302 264 310 252 310 L148 310 C136 310 128 302 132 290 Z', light),
  shape('M151 250 L249 250 L266 290 C270 302 262 308 252 308 L148 308 C138 308 130 302 134 290 Z', ink),
  line('M200 196 L200 246', ink, 4),
  line('M262 250 C312 236 308 290 272 296', accent, 9),
];

const pan: Drawing = ({ ink, dark, accent, cream }) => [
  line('M278 270 L364 226', ink, 18),
  circle(352, 232, 5, cream),
  shape('M74 236 L302 236 C302 288 270 310 224 310 L152 310 C106 310 74 288 74 236 Z', ink),
  oval(188, 236, 114, 26, dark),
  oval(188, 240, 100, 19, '#54382d'),
  oval(182, 238, 52, 12, cream),
  oval(190, 234, 19, 8, accent),
  line('M150 196 C138 176 162 164 150 142 M206 192 C194 172 218 160 206 138', cream, 7),
];

const jars: Drawing = ({ cream, accent, main, dark, light }) => [
  box(92, 150, 104, 160, cream, 18),
  box(92, 216, 104, 94, light, 18),
  box(102, 132, 84, 26, accent, 8),
  box(116, 232, 56, 30, cream, 5),
  box(206, 196, 104, 114, cream, 18),
  box(206, 242, 104, 68, main, 18),
  box(216, 178, 84, 26, accent, 8),
  box(230, 254, 56, 28, cream, 5),
  line('M128 247 L160 247 M242 268 L274 268', dark, 4),
];

export const kitchen = { kettle, mug, board, 'pour-over': pourOver, pan, jars };
