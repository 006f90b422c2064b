import { box, circle, type Drawing, line, oval, shape, turned } from './shapes';

const wateringCan: Drawing = ({ main, dark, light }) => [
  line('M120 226 C70 170 132 112 188 166', dark, 13),
  shape('M240 270 L330 160 L346 172 L268 300 Z', dark),
  turned(38, 340, 158, [box(308, 142, 64, 20, main, 8)]),
  shape('M128 186 L262 186 L274 310 L116 310 Z', main),
  shape('M142 196 L172 196 L162 300 L130 300 Z', light),
  oval(195, 186, 67, 13, dark),
  circle(352, 196, 4, '#5aa3c7'),
  circle(366, 216, 4, '#5aa3c7'),
  circle(346, 224, 4, '#5aa3c7'),
];

const pots: Drawing = ({ main, dark, light, accent }) => [
  shape('M148 222 C96 214 92 164 104 140 C140 150 158 180 152 222 Z', main),
  shape('M152 222 C144 158 168 118 192 104 C212 140 196 196 152 222 Z', light),
  shape('M152 222 C176 196 212 196 226 208 C212 232 176 236 152 222 Z', dark),
  shape('M98 224 L206 224 L192 304 C191 308 188 310 184 310 L120 310 C116 310 113 308 112 304 Z', accent),
  box(90, 208, 124, 28, '#b85f34', 6),
  shape('M224 262 L310 262 L300 304 C299 308 296 310 292 310 L242 310 C238 310 235 308 234 304 Z', '#dd9263'),
  box(217, 246, 100, 22, accent, 5),
  circle(252, 238, 18, main),
  circle(278, 230, 22, dark),
  circle(266, 216, 17, light),
];

const trowel: Drawing = ({ main, dark, accent, cream, light }) => [
  oval(200, 306, 120, 16, '#7a5a44'),
  turned(18, 200, 200, [
    box(184, 46, 32, 108, accent, 15),
    box(188, 146, 24, 14, cream),
    line('M200 158 L200 206', dark, 11),
    shape('M158 200 C180 190 220 190 242 200 C248 252 226 292 200 312 C174 292 152 252 158 200 Z', main),
    shape('M180 206 C184 246 190 272 198 290 C176 268 166 238 168 208 Z', light),
  ]),
  oval(184, 312, 76, 10, '#8f6b52'),
];

const birdhouse: Drawing = ({ main, dark, light, accent, ink, cream }) => [
  box(192, 284, 16, 60, dark),
  shape('M122 182 L278 182 L264 290 L136 290 Z', accent),
  shape('M200 84 L308 192 L284 204 L200 122 L116 204 L92 192 Z', main),
  shape('M200 122 L268 188 L132 188 Z', '#dd9263'),
  circle(200, 210, 25, ink),
  line('M200 254 L200 268', dark, 9),
  shape('M244 108 C268 82 300 92 304 106 L318 110 L304 118 C296 138 262 138 244 108 Z', light),
  circle(292, 104, 4, ink),
  line('M264 126 L258 138 M276 128 L274 140', cream, 4),
];

const seeds: Drawing = ({ main, dark, light, accent, cream }) => [
  turned(-9, 140, 220, [
    box(88, 118, 120, 180, cream, 8),
    box(88, 118, 120, 46, main, 8),
    circle(148, 226, 30, accent),
    circle(148, 226, 13, '#f3c85f'),
    line('M148 256 L148 282', dark, 6),
  ]),
  turned(8, 260, 220, [
    box(196, 132, 120, 178, '#f7f0dc', 8),
    box(196, 132, 120, 46, accent, 8),
    shape('M256 290 C206 270 222 214 256 204 C290 214 306 270 256 290 Z', light),
    line('M256 216 L256 286 M256 250 L238 236 M256 262 L274 246', dark, 4),
  ]),
];

const lantern: Drawing = ({ main, dark, accent, ink, light }) => [
  line('M150 140 C150 66 250 66 250 140', ink, 8),
  shape('M148 144 L252 144 L232 112 L168 112 Z', dark),
  box(140, 140, 120, 18, main, 6),
  box(150, 158, 100, 124, '#fff1c2', 4),
  box(184, 222, 32, 60, '#fffaf0', 6),
  shape('M200 172 C220 198 214 218 200 218 C186 218 180 198 200 172 Z', accent),
  line('M152 158 L152 284 M248 158 L248 284', dark, 8),
  line('M200 158 L200 168', light, 6),
  box(132, 280, 136, 30, main, 8),
];

export const garden = { 'watering-can': wateringCan, pots, trowel, birdhouse, seeds, lantern };
