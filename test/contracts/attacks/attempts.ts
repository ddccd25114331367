/** The steps of an attack: one that the contracts refuse is noted, and the attack goes on. */
export class Attempts {
  readonly refused: string[] = [];

  /** Answers whether the contracts took it. Fails for everything else than a revert. */
  async take(step: string, action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      const reason =
        /revert/.test(String(error)) && /'(\w+)\(|return data|without a reason|panic code/.exec(String(error));
      if (!reason) throw error;
      this.refused.push(`${step}: ${reason[1] ?? reason[0]}`);
      return false;
    }
  }

  /** What was refused, for the message of an assertion. */
  toString(): string {
    return `refused: ${this.refused.join(', ') || 'nothing'}`;
  }
}
