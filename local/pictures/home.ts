import { box, circle, type Drawing, line, oval, shape } from './shapes';

const vase: Drawing = ({ main, dark, light, accent }) => [
  line('M200 180 C196 130 180 110 160 78 M202 180 C208 130 226 112 250 92 M200 180 L202 64', '#6d7f5b', 6),
  oval(158, 76, 13, 24, accent),
  oval(252, 90, 13, 24, accent),
  oval(202, 62, 13, 26, '#efc39a'),
  oval(180, 126, 8, 18, '#8fa37a'),
  oval(228, 132, 8, 18, '#8fa37a'),
  shape(
    'M172 172 L228 172 C224 206 268 226 268 264 C268 296 244 310 200 310 C156 310 132 296 132 264 C132 226 176 206 172 172 Z',
    main,
  ),
  shape('M182 176 C180 214 146 232 148 266 C149 284 158 294 170 298 C156 262 190 226 194 176 Z', light),
  oval(200, 172, 28, 7, dark),
];

const blanket: Drawing = ({ main, dark, light, accent, cream }) => [
  box(92, 254, 216, 56, main, 26),
  box(104, 206, 196, 54, light, 25),
  box(96, 160, 208, 52, accent, 25),
  line('M118 282 L282 282', dark, 5),
  line('M126 226 L276 226 M126 240 L276 240', cream, 5),
  line('M118 186 L280 186', cream, 5),
  line(
    'M132 306 L132 318 M152 306 L152 318 M172 306 L172 318 M192 306 L192 318 M212 306 L212 318 M232 306 L232 318 M252 306 L252 318 M272 306 L272 318',
    dark,
    5,
  ),
];

const armchair: Drawing = ({ main, dark, light, accent, ink }) => [
  line('M124 292 L112 320 M276 292 L288 320', ink, 10),
  box(116, 112, 168, 160, dark, 46),
  box(128, 124, 144, 130, main, 38),
  box(112, 226, 176, 56, light, 20),
  box(84, 188, 52, 112, main, 24),
  box(264, 188, 52, 112, main, 24),
  box(158, 164, 84, 72, accent, 16),
  line('M178 184 L222 216 M222 184 L178 216', main, 4),
];

const pendant: Drawing = ({ main, dark, light, accent, ink }) => [
  shape('M146 222 L254 222 L318 320 L82 320 Z', '#fff4d2'),
  line('M200 0 L200 98', ink, 5),
  box(184, 92, 32, 30, accent, 8),
  shape('M112 222 C112 152 158 118 200 118 C242 118 288 152 288 222 Z', main),
  shape('M130 214 C132 168 158 140 182 132 C160 158 152 184 152 214 Z', light),
  oval(200, 222, 88, 15, dark),
  oval(200, 224, 34, 13, '#fff8e3'),
];

const candles: Drawing = ({ main, light, accent, cream, dark, ink }) => [
  box(84, 214, 66, 96, cream, 10),
  box(166, 152, 70, 158, accent, 10),
  box(252, 244, 66, 66, light, 10),
  line('M117 214 L117 200 M201 152 L201 138 M285 244 L285 230', ink, 4),
  shape('M117 160 C136 184 130 204 117 204 C104 204 98 184 117 160 Z', '#ffcf6b'),
  shape('M201 96 C222 122 214 142 201 142 C188 142 180 122 201 96 Z', '#ffcf6b'),
  shape('M285 190 C304 214 298 234 285 234 C272 234 266 214 285 190 Z', '#ffcf6b'),
  oval(117, 216, 30, 6, '#e9dccb'),
  oval(201, 154, 32, 6, main),
  oval(285, 246, 30, 6, dark),
];

const mirror: Drawing = ({ accent, light, cream, main, dark }) => [
  circle(200, 180, 118, accent),
  circle(200, 180, 100, light),
  shape('M128 112 A100 100 0 0 0 118 238 L262 102 A100 100 0 0 0 128 112 Z', cream),
  line('M156 236 L262 138 M182 250 L276 164', '#ffffff', 7),
  box(112, 298, 176, 12, dark, 6),
  box(234, 268, 42, 30, main, 8),
  line('M246 268 C242 248 232 244 226 232 M258 268 C262 246 272 240 280 232', '#6d7f5b', 5),
];

export const home = { vase, blanket, armchair, pendant, candles, mirror };
