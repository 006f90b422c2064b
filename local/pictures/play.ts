import { box, circle, type Drawing, line, oval, shape, turned } from './shapes';

const GREEN = '#5a9e6f';

const train: Drawing = ({ main, dark, accent, ink, cream, light }) => [
  box(94, 216, 214, 58, main, 14),
  box(224, 136, 84, 94, accent, 10),
  box(214, 120, 104, 22, dark, 8),
  box(242, 156, 48, 42, cream, 8),
  shape('M118 216 L126 160 L158 160 L166 216 Z', light),
  box(116, 148, 52, 18, dark, 6),
  circle(132, 118, 14, cream),
  circle(158, 92, 20, cream),
  circle(134, 278, 32, ink),
  circle(134, 278, 14, light),
  circle(212, 278, 32, ink),
  circle(212, 278, 14, light),
  circle(286, 284, 26, ink),
  circle(286, 284, 11, light),
];

const rings: Drawing = ({ main, accent, light, cream }) => [
  box(192, 78, 16, 220, '#c9975f', 8),
  circle(200, 82, 20, main),
  box(156, 104, 88, 40, accent, 20),
  box(142, 144, 116, 42, light, 21),
  box(126, 186, 148, 42, GREEN, 21),
  box(110, 228, 180, 44, main, 22),
  box(92, 274, 216, 36, '#c9975f', 14),
  line('M140 248 L180 248 M154 206 L190 206 M164 164 L194 164', cream, 6),
];

const chess: Drawing = ({ ink, cream, light, main }) => [
  circle(146, 152, 34, cream),
  oval(146, 188, 38, 10, light),
  shape('M128 190 L164 190 C164 236 178 256 190 280 L102 280 C114 256 128 236 128 190 Z', cream),
  box(92, 276, 108, 34, cream, 10),
  shape(
    'M212 280 C208 216 262 210 258 168 L222 178 L210 158 L252 112 L250 92 L276 108 C318 130 318 214 296 280 Z',
    ink,
  ),
  circle(262, 132, 5, cream),
  box(200, 276, 112, 34, ink, 10),
  line('M104 292 L188 292', light, 4),
  line('M212 292 L300 292', main, 4),
];

const kite: Drawing = ({ main, light, accent, dark, ink, cream }) => [
  oval(92, 126, 44, 16, cream),
  oval(128, 116, 32, 18, cream),
  line('M196 250 C170 284 236 300 200 336 C184 352 168 352 158 344', ink, 4),
  shape('M226 54 L226 152 L150 146 Z', main),
  shape('M226 54 L304 146 L226 152 Z', light),
  shape('M150 146 L226 152 L196 250 Z', accent),
  shape('M304 146 L226 152 L196 250 Z', GREEN),
  line('M226 54 L196 250 M150 146 L304 146', dark, 3),
  shape('M186 280 L206 292 L190 304 Z', main),
  shape('M226 300 L208 312 L228 322 Z', light),
];

const ukulele: Drawing = ({ light, dark, ink, cream, main }) => [
  turned(24, 200, 200, [
    box(188, 40, 24, 136, '#7c4a2a', 4),
    box(180, 22, 40, 44, ink, 8),
    circle(176, 34, 6, cream),
    circle(224, 34, 6, cream),
    circle(176, 52, 6, cream),
    circle(224, 52, 6, cream),
    circle(200, 194, 50, light),
    circle(200, 264, 66, light),
    oval(200, 228, 42, 30, light),
    circle(200, 216, 22, ink),
    box(178, 278, 44, 13, dark, 4),
    line('M195 44 L195 282 M205 44 L205 282', cream, 2),
    line('M158 300 C180 322 220 322 242 300', main, 5),
  ]),
];

const blocks: Drawing = ({ main, accent, light, dark, cream }) => [
  box(90, 218, 92, 92, accent, 10),
  box(216, 218, 92, 92, main, 10),
  turned(7, 198, 172, [
    box(152, 124, 92, 92, light, 10),
    line('M180 190 L198 148 L216 190 M187 176 L209 176', dark, 7),
  ]),
  line('M118 246 L118 284 L134 284 A10 10 0 0 0 134 264 A9 9 0 0 0 134 246 Z M118 265 L134 265', cream, 7),
  line('M280 250 A20 20 0 1 0 280 280', cream, 7),
  shape('M166 118 L206 60 L246 118 Z', GREEN),
];

export const play = { train, rings, chess, kite, ukulele, blocks };
