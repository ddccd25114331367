/** What tables commonly write where nothing is known. */

const always = ['', 'NA', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'NULL', 'null', '?'];

/** Among numbers no text can mean anything else. */
export const missingAmongNumbers: ReadonlySet<string> = new Set([
  ...always,
  ...['None', 'none', '-', '--', '.', '#VALUE!', '#DIV/0!', 'missing', 'unknown'],
]);

/** Among texts. */
export const missingAmongTexts: ReadonlySet<string> = new Set(always);

/** Numbers that programs write where nothing is known. */
export const sentinels: readonly number[] = [-9, -99, -999, -9999, -99999, 99, 999, 9999, 99999];
