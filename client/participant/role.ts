/** What an account takes part as. */
export type Role = 'trainer' | 'aggregator' | 'evaluator' | 'watchtower' | 'archive';
