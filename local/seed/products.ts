/** One product that the shop on this machine starts with. Its picture is `local/pictures/<category>.ts`'s drawing. */
export interface SeedProduct {
  readonly category: string;
  readonly drawing: string;
  readonly name: string;
  readonly description: string;
  /** US cents. */
  readonly price: number;
  /** Pieces received at the start. */
  readonly stock: number;
}

type Row = readonly [drawing: string, name: string, price: number, stock: number, description: string];

const shelves: Readonly<Record<string, readonly Row[]>> = {
  Kitchen: [
    [
      'kettle',
      'Enamel kettle',
      5400,
      24,
      'Holds 1.6 litres and whistles when it is ready. Heavy enamel over steel, a handle that stays cool, and a lid that does not rattle.',
    ],
    [
      'mug',
      'Stoneware mug',
      1800,
      120,
      'Thrown by hand and glazed twice, so that no two are quite alike. Holds 300 ml; dishwasher and microwave do it no harm.',
    ],
    [
      'board',
      'Walnut chopping board',
      4600,
      40,
      'One piece of walnut, oiled and not varnished. 38 by 25 cm, with a hole to hang it by. Tomato not included.',
    ],
    [
      'pour-over',
      'Pour-over coffee set',
      3900,
      32,
      'A carafe for three cups, a cone, and forty paper filters. Slow mornings made easy; quick mornings made bearable.',
    ],
    [
      'pan',
      'Cast iron pan',
      6200,
      18,
      'Twenty-six centimetres of iron, seasoned with linseed oil. Works on every hob, in the oven and over a fire, and gets better each year.',
    ],
    [
      'jars',
      'Two storage jars',
      2700,
      56,
      'Thick glass with lids of oiled beech and a seal that holds. For flour and beans, or for the biscuits nobody must find.',
    ],
  ],
  Desk: [
    [
      'lamp',
      'Task lamp',
      8900,
      15,
      'A warm light that goes where it is pushed and stays there. Dims in five steps; the bulb can be changed, as it should be.',
    ],
    [
      'notebook',
      'Cloth notebook',
      1600,
      200,
      'A hundred and ninety-two pages of dotted paper that fountain pens like. Lies flat, closes with an elastic band.',
    ],
    [
      'pen',
      'Fountain pen',
      4200,
      48,
      'A steel nib that forgives every hand. Comes with one cartridge of blue-black ink and a converter for all the other colours.',
    ],
    [
      'clock',
      'Flip clock',
      7400,
      9,
      'Turns over the minutes with a small sound that you will miss when you are away. Runs for a year on one battery.',
    ],
    [
      'pencils',
      'Pencil cup',
      1900,
      64,
      'Glazed stoneware, wide enough for the scissors too. Three pencils come with it, so that it need not stand empty.',
    ],
    [
      'scissors',
      'Paper scissors',
      2400,
      70,
      'Forged blades that meet along their whole length. Right- or left-handed: they do not mind.',
    ],
  ],
  Home: [
    [
      'vase',
      'Bud vase',
      3200,
      36,
      'A belly for the water and a narrow neck, so that five stems look like a bunch. 24 cm high, in aubergine.',
    ],
    [
      'blanket',
      'Wool blanket',
      11500,
      22,
      'Lambswool from one mill, 140 by 200 cm, with fringes tied by hand. Warm at once and for decades.',
    ],
    [
      'armchair',
      'Reading armchair',
      48900,
      4,
      'Deep enough to fall asleep in. A frame of ash, wool covers that come off for washing, and one cushion.',
    ],
    [
      'pendant',
      'Pendant light',
      9600,
      14,
      'Spun steel with a coat of plum outside and white inside. Two metres of cable, to hang low over a table.',
    ],
    [
      'candles',
      'Three beeswax candles',
      2800,
      80,
      'Three heights, one evening each, and the faint smell of honey. They hardly drip when there is no draught.',
    ],
    [
      'mirror',
      'Round mirror',
      8700,
      3,
      'Sixty centimetres across, in a frame of bent oak. Stands on its shelf or hangs from the wall.',
    ],
  ],
  Garden: [
    [
      'watering-can',
      'Watering can',
      3600,
      28,
      'Nine litres, balanced so that the last one pours like the first. The brass rose can be taken off and cleaned.',
    ],
    [
      'pots',
      'Two terracotta pots',
      2200,
      90,
      'Fired hard enough for the frost, with a hole where it belongs. 18 and 14 cm wide.',
    ],
    [
      'trowel',
      'Hand trowel',
      1700,
      75,
      'One piece of boron steel and a handle of ash. Digs, lifts and weeds, and shows how deep it went.',
    ],
    [
      'birdhouse',
      'Nesting box',
      3400,
      26,
      'Cedar, with an entrance of 32 mm that great tits like best. The roof lifts off for cleaning in autumn.',
    ],
    [
      'seeds',
      'Meadow seeds',
      900,
      300,
      'Two packets: a square metre of poppies and marigolds, and one of mint and basil. Sow from April.',
    ],
    [
      'lantern',
      'Garden lantern',
      4100,
      0,
      'Glass on four sides and a chimney that no wind blows out. For candles up to 18 cm.',
    ],
  ],
  Travel: [
    [
      'backpack',
      'Canvas backpack',
      9800,
      20,
      'Twenty-two litres of waxed canvas, a sleeve for a laptop, and straps that can be replaced when they have had enough.',
    ],
    [
      'suitcase',
      'Weekender suitcase',
      16900,
      11,
      'Fits over the seat on every train and most aeroplanes. Leather straps, quiet wheels, a lining that shows what is missing.',
    ],
    [
      'bottle',
      'Steel bottle',
      2900,
      140,
      'Keeps tea hot until the evening and water cold until tomorrow. 500 ml, and nothing leaks.',
    ],
    [
      'umbrella',
      'Folding umbrella',
      3300,
      60,
      'Eight ribs that turn inside out and back again. Dries quickly and folds to the size of a book.',
    ],
    [
      'binoculars',
      'Field binoculars',
      14200,
      7,
      'Eight by thirty-two, bright until dusk, and light enough to be carried all day instead of left at home.',
    ],
    [
      'tent',
      'Two-person tent',
      23900,
      8,
      'Up in four minutes, 2.1 kg, and dry in a night of rain. The inner tent stands alone when it is warm.',
    ],
  ],
  Play: [
    [
      'train',
      'Wooden train',
      3700,
      34,
      'Beech, with paint that may be chewed. Fits the usual wooden rails and makes no sound but yours.',
    ],
    [
      'rings',
      'Stacking rings',
      2100,
      45,
      'Four rings, one ball, and a thousand wrong orders. From the first birthday.',
    ],
    [
      'chess',
      'Chess set',
      5900,
      16,
      'Weighted pieces of maple and stained beech, 95 mm the king, with a board that folds. A spare queen for each side.',
    ],
    [
      'kite',
      'Diamond kite',
      2600,
      52,
      'Goes up in a light breeze and forgives mistakes. Forty metres of line on a reel, and a tail to be proud of.',
    ],
    [
      'ukulele',
      'Soprano ukulele',
      6800,
      13,
      'Mahogany, four strings, and a sheet with the three chords that carry most songs. In a bag with a strap.',
    ],
    [
      'blocks',
      'Letter blocks',
      2300,
      38,
      'Twenty-six letters on nine blocks of lime wood, and three roofs. Rounded edges, oiled, unbreakable.',
    ],
  ],
};

export const seedProducts: readonly SeedProduct[] = Object.entries(shelves).flatMap(([category, rows]) =>
  rows.map(([drawing, name, price, stock, description]) => ({
    category,
    drawing,
    name,
    description,
    price,
    stock,
  })),
);
