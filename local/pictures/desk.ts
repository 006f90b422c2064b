import { box, circle, type Drawing, line, oval, shape, turned } from './shapes';

const lamp: Drawing = ({ main, dark, accent, ink, cream }) => [
  shape('M152 158 L58 296 L214 296 Z', '#fff3c4'),
  box(206, 294, 120, 16, ink, 8),
  line('M266 294 L286 196 L196 116', ink, 10),
  circle(286, 196, 11, accent),
  turned(-38, 176, 124, [shape('M140 158 C140 104 212 104 212 158 Z', main), box(162, 92, 28, 24, dark, 8)]),
  circle(166, 154, 15, cream),
];

const notebook: Drawing = ({ main, dark, light, accent, cream, ink }) => [
  turned(-7, 200, 210, [
    box(118, 92, 172, 216, ink, 10),
    box(112, 92, 172, 212, cream, 8),
    box(106, 88, 172, 214, main, 10),
    box(106, 88, 30, 214, dark, 10),
    box(162, 128, 86, 54, light, 6),
    line('M178 148 L232 148 M178 164 L214 164', cream, 5),
    box(250, 88, 11, 214, accent),
  ]),
];

const pen: Drawing = ({ main, dark, light, accent, ink, cream }) => [
  line('M84 288 C130 256 150 316 194 288 S256 274 300 292', light, 6),
  turned(40, 200, 190, [
    box(180, 44, 40, 150, main, 18),
    box(180, 182, 40, 22, accent),
    shape('M182 204 L218 204 L210 252 L190 252 Z', dark),
    shape('M190 252 L210 252 L200 292 Z', cream),
    line('M200 262 L200 286', ink, 3),
    box(214, 62, 9, 92, accent, 4),
  ]),
];

const clock: Drawing = ({ main, dark, cream, accent, ink, light }) => [
  box(80, 158, 240, 142, main, 26),
  box(110, 292, 34, 18, dark, 6),
  box(256, 292, 34, 18, dark, 6),
  box(102, 180, 92, 98, ink, 12),
  box(206, 180, 92, 98, ink, 12),
  box(102, 227, 196, 4, light),
  line('M130 204 L130 256', cream, 10),
  line('M150 206 L172 206 L172 254 L150 254 Z', cream, 10),
  line('M226 206 L250 206 L250 230 L226 230 L226 254 L250 254', cream, 9),
  line('M270 206 L284 206 L284 254 L270 254 Z', cream, 9),
  circle(200, 148, 14, accent),
];

const pencils: Drawing = ({ main, dark, light, accent, cream, ink }) => [
  turned(-9, 176, 200, [
    box(160, 104, 22, 130, accent),
    shape('M160 104 L171 74 L182 104 Z', cream),
    shape('M167 86 L171 74 L175 86 Z', ink),
  ]),
  turned(8, 226, 200, [
    box(214, 92, 22, 140, light),
    shape('M214 92 L225 62 L236 92 Z', cream),
    shape('M221 74 L225 62 L229 74 Z', ink),
  ]),
  box(190, 116, 20, 120, dark),
  box(190, 106, 20, 20, '#d98a7a', 6),
  shape('M138 194 L262 194 L254 296 C253 305 246 310 238 310 L162 310 C154 310 147 305 146 296 Z', main),
  oval(200, 194, 62, 12, dark),
  line('M144 246 L256 246', light, 6),
];

const scissors: Drawing = ({ main, dark, light, accent, ink, cream }) => [
  turned(24, 200, 200, [
    shape('M190 210 L214 60 C228 90 224 150 212 214 Z', cream),
    line('M194 220 L160 272', main, 16),
  ]),
  turned(-24, 200, 200, [
    shape('M210 210 L186 60 C172 90 176 150 188 214 Z', light),
    line('M206 220 L240 272', dark, 16),
  ]),
  line('M108 266 A32 32 0 1 0 172 282 A32 32 0 1 0 108 266', main, 16),
  line('M228 282 A32 32 0 1 0 292 266 A32 32 0 1 0 228 282', dark, 16),
  circle(200, 206, 10, accent),
  circle(200, 206, 4, ink),
];

export const desk = { lamp, notebook, pen, clock, pencils, scissors };
