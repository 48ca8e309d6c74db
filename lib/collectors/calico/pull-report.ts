import type { CollectorStatus } from '@/lib/model/collector'

/** What a pulling collector says of itself: whether the other side answers, and whether the database takes what was read. */
export class PullReport {
  private isAnswered = false
  private isDatabaseAway = false

  constructor(
    private readonly address: string,
    private readonly report: (status: CollectorStatus) => void,
    /** Said while it works: what this way of reading lacks. */
    private readonly remark?: string,
  ) {}

  answered(): void {
    if (this.isAnswered) return
    this.isAnswered = true
    this.tell()
  }

  /** A new connection is being opened. */
  reopened(): void {
    this.isAnswered = false
  }

  databaseIsAway(isAway: boolean): void {
    if (isAway === this.isDatabaseAway) return
    this.isDatabaseAway = isAway
    this.tell()
  }

  private tell(): void {
    if (this.isDatabaseAway)
      this.report({
        state: 'retrying',
        detail: 'The database does not take the records.',
        remedy: 'What was read waits, and the source is held; it goes on by itself when the database is back.',
        address: this.address,
      })
    else if (this.isAnswered)
      this.report({ state: 'connected', address: this.address, ...(this.remark && { detail: this.remark }) })
  }
}
