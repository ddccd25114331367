/** Quantities as people read them. */

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Rewards are counted in gwei, 1e-9 token; three decimals are enough to look at. */
export function formatTokens(gwei: string): string {
  return (Number(gwei) / 1e9).toLocaleString('en-US', { maximumFractionDigits: 3 });
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** At most `width` characters, the end cut off. */
export function truncate(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

export function progressBar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** Metrics by the names that people know. */
export const metricWords: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  f1: 'macro F1',
  auc: 'AUC',
  logLoss: 'log loss',
  calibrationError: 'calibration error',
  rmse: 'RMSE',
  mae: 'MAE',
  r2: 'R²',
};
const shares = ['accuracy', 'balancedAccuracy', 'f1', 'calibrationError', 'precision', 'recall'];

/** What cannot be said is a dash. */
export function formatMetric(name: string, value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (shares.includes(name)) return formatPercent(value);
  const isPlain = value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6);
  return isPlain ? String(Number(value.toPrecision(4))) : value.toExponential(3);
}
