import { settings } from '../../governance/settings.ts';
import { units } from '../../governance/units.ts';
import { renderTable, terminalColumns } from '../../localnet/fitTable.ts';
import { print, printJson } from '../action.ts';
import type { ReaderOptions } from '../reader.ts';
import { withGovernance } from './opening.ts';

/** Errors: CHAIN_UNREACHABLE. */
export async function listParameters(options: ReaderOptions): Promise<void> {
  await withGovernance(options, async (client) => {
    const rows = await Promise.all(
      settings.map(async (setting) => ({
        ...setting,
        ...(await client.readBounds(setting)),
        value: await client.readSetting(setting),
      })),
    );
    if (options.json) {
      printJson(
        rows.map(({ name, field, words, unit, value, minimum, maximum }) => {
          return { name, field, words, unit, value: String(value), minimum: String(minimum), maximum: String(maximum) };
        }),
      );
      return;
    }
    const head = ['parameter', 'now', 'bounds', 'what it is'];
    const cells = rows.map(({ name, words, unit, value, minimum, maximum }) => {
      const { format, example } = units[unit];
      const bounds = maximum >= 2n ** 90n ? `above 0, as ${example}` : `${format(minimum)} to ${format(maximum)}`;
      return [name, format(value), bounds, words];
    });
    print(renderTable({ head, rows: cells, optional: ['bounds'] }, terminalColumns()));
  });
}
