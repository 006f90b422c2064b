/** Of Graviton instances. Of the sizes below `xlarge`, T4g has two in each, the others one in `medium` and two in `large`. */
export function vCpus(instanceType: string): number {
  const [family = '', size = ''] = instanceType.split('.');
  const many = /^(\d*)xlarge$/.exec(size);
  if (many) return Number(many[1] || 1) * 4;
  return size === 'large' || family === 't4g' ? 2 : 1;
}
