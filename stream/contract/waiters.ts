/** Those who wait until a partition has been worked off up to an offset. */
export class Waiters {
  private readonly waiting: { readonly until: bigint; readonly resolve: () => void }[] = [];

  /** Resolves once `wake` names that offset or a later one. */
  until(offset: bigint): Promise<void> {
    return new Promise((resolve) => { this.waiting.push({ until: offset, resolve }); });
  }

  /** It has come so far. */
  wake(done: bigint): void {
    for (const waiter of this.waiting.filter(({ until }) => until <= done)) {
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }
}
