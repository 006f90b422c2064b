import { box, circle, type Drawing, line, oval, shape, turned } from './shapes';

const backpack: Drawing = ({ main, dark, light, accent, ink }) => [
  line('M172 96 C172 64 228 64 228 96', ink, 10),
  box(98, 196, 36, 90, dark, 16),
  box(266, 196, 36, 90, dark, 16),
  shape(
    'M120 160 C120 106 152 88 200 88 C248 88 280 106 280 160 L280 286 C280 302 272 310 256 310 L144 310 C128 310 120 302 120 286 Z',
    main,
  ),
  shape('M120 168 C120 110 152 88 200 88 C248 88 280 110 280 168 L280 188 C240 204 160 204 120 188 Z', dark),
  box(146, 220, 108, 74, light, 14),
  line('M158 240 L242 240', dark, 4),
  box(164, 172, 14, 52, accent, 4),
  box(222, 172, 14, 52, accent, 4),
];

const suitcase: Drawing = ({ main, dark, light, accent, ink }) => [
  line('M164 148 L164 104 L236 104 L236 148', ink, 10),
  box(84, 142, 232, 160, main, 24),
  box(116, 142, 18, 160, accent),
  box(266, 142, 18, 160, accent),
  box(150, 160, 100, 124, light, 12),
  line('M168 190 L232 190 M168 216 L232 216 M168 242 L232 242', dark, 4),
  circle(122, 306, 10, ink),
  circle(278, 306, 10, ink),
  box(182, 138, 36, 16, dark, 5),
];

const bottle: Drawing = ({ main, dark, light, accent, ink, cream }) => [
  box(176, 62, 48, 38, ink, 9),
  line('M216 74 C250 70 250 104 222 104', accent, 7),
  shape(
    'M172 100 L228 100 C228 128 252 132 252 164 L252 290 C252 304 244 310 232 310 L168 310 C156 310 148 304 148 290 L148 164 C148 132 172 128 172 100 Z',
    main,
  ),
  shape(
    'M164 168 C164 150 174 142 182 134 C176 170 174 250 178 300 L172 300 C166 300 164 296 164 288 Z',
    light,
  ),
  box(148, 212, 104, 44, dark),
  line('M176 242 L192 224 L204 236 L216 222 L228 242', cream, 5),
];

const umbrella: Drawing = ({ main, dark, light, accent, ink }) => [
  line('M200 74 L200 284 C200 314 160 314 160 284', ink, 9),
  shape(
    'M72 206 C76 126 134 88 200 88 C266 88 324 126 328 206 C306 184 266 184 242 206 C222 188 178 188 158 206 C134 184 94 184 72 206 Z',
    main,
  ),
  shape('M158 206 C158 150 178 104 200 88 C222 104 242 150 242 206 C222 188 178 188 158 206 Z', light),
  shape('M242 206 C242 150 222 104 200 88 C266 88 324 126 328 206 C306 184 266 184 242 206 Z', dark),
  circle(200, 82, 8, accent),
  line('M156 290 L156 280', accent, 13),
];

const binoculars: Drawing = ({ main, dark, light, accent, ink }) => [
  line('M120 148 C120 60 280 60 280 148', accent, 6),
  turned(6, 140, 220, [
    box(96, 148, 88, 148, main, 20),
    box(104, 128, 72, 34, ink, 12),
    box(92, 262, 96, 44, dark, 16),
  ]),
  turned(-6, 260, 220, [
    box(216, 148, 88, 148, main, 20),
    box(224, 128, 72, 34, ink, 12),
    box(212, 262, 96, 44, dark, 16),
  ]),
  box(176, 172, 48, 66, dark, 12),
  circle(200, 204, 15, accent),
  oval(136, 288, 32, 12, light),
  oval(264, 288, 32, 12, light),
];

const tent: Drawing = ({ main, dark, light, accent, ink, cream }) => [
  circle(310, 106, 24, cream),
  shape('M200 120 L344 310 L56 310 Z', main),
  shape('M200 120 L344 310 L252 310 Z', dark),
  shape('M200 156 L244 310 L150 310 Z', ink),
  shape('M200 156 L150 310 L128 310 Z', accent),
  shape('M200 156 L244 310 L262 310 Z', light),
  line('M200 120 L190 104 M200 120 L210 104', ink, 7),
  line('M56 310 L34 320 M344 310 L366 320', ink, 5),
];

export const travel = { backpack, suitcase, bottle, umbrella, binoculars, tent };
