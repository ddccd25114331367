/** Pairs of units in which the same quantity is commonly written: one of the first is `factor` of the second, plus `offset`. */

export interface UnitPair {
  from: string;
  to: string;
  factor: number;
  offset: number;
}

const pairs: readonly (readonly [from: string, to: string, factor: number, offset?: number])[] = [
  ['mmol/l', 'mg/dl', 18.016], // glucose
  ['mmol/l', 'mg/dl', 38.67], // cholesterol
  ['mmol/l', 'mg/dl', 88.57], // triglycerides
  ['mmol/l', 'mg/dl', 6.006], // urea
  ['mmol/l', 'mg/dl', 2.801], // urea nitrogen
  ['mmol/l', 'mg/dl', 4.008], // calcium
  ['mmol/l', 'mg/dl', 3.097], // phosphate
  ['mmol/l', 'mg/dl', 2.431], // magnesium
  ['mg/dl', 'µmol/l', 88.42], // creatinine
  ['mg/dl', 'µmol/l', 17.1], // bilirubin
  ['mg/dl', 'µmol/l', 59.48], // uric acid
  ['mmol/l', 'g/dl', 1.611], // haemoglobin
  ['ng/ml', 'nmol/l', 2.496], // vitamin D
  ['%', 'mmol/mol', 10.929, -23.5], // HbA1c
  ['kPa', 'mmHg', 7.5006],
  ['°C', '°F', 1.8, 32],
  ['K', '°C', 1, -273.15],
  ['kg', 'lb', 2.20462],
  ['st', 'kg', 6.35029],
  ['oz', 'g', 28.3495],
  ['in', 'cm', 2.54],
  ['in', 'mm', 25.4],
  ['ft', 'cm', 30.48],
  ['m', 'ft', 3.28084],
  ['mi', 'km', 1.60934],
  ['kcal', 'kJ', 4.184],
  ['a', 'months', 12],
  ['weeks', 'days', 7],
  ['share', '%', 100],
  ['m', 'cm', 100],
  ['cm', 'mm', 10],
  ['g/dl', 'g/l', 10],
  ['mg/dl', 'mg/l', 10],
  ['cm²', 'mm²', 100],
  ['kg', 'g', 1000],
  ['m', 'mm', 1000],
  ['g', 'mg', 1000],
  ['mg', 'µg', 1000],
  ['l', 'ml', 1000],
  ['mmol/l', 'µmol/l', 1000],
];

/** Both ways: from the unit of a file to that of the task. */
export const unitPairs: readonly UnitPair[] = pairs.flatMap(([from, to, factor, offset = 0]) => [
  { from, to, factor, offset },
  { from: to, to: from, factor: 1 / factor, offset: -offset / factor },
]);

const otherNames: Record<string, string> = {
  c: '°c',
  f: '°f',
  celsius: '°c',
  fahrenheit: '°f',
  kelvin: 'k',
  lbs: 'lb',
  pounds: 'lb',
  inch: 'in',
  inches: 'in',
  feet: 'ft',
  umol: 'µmol',
  ug: 'µg',
  years: 'a',
  year: 'a',
  percent: '%',
  cm2: 'cm²',
  mm2: 'mm²',
};

/** As the pairs write it, as far as it is known. */
export function canonicalUnit(unit: string): string {
  const text = unit
    .normalize('NFC')
    .trim()
    .toLowerCase()
    .replaceAll('\u03bc', 'µ')
    .replace(/^mm\s?hg$/, 'mmhg');
  return text
    .split('/')
    .map((part) => otherNames[part] ?? part)
    .join('/');
}
