import type { SenderSlip } from './wire'

/** What is told about a slip, after the number of times it was seen. */
const SENTENCES: Readonly<Record<SenderSlip, string>> = {
  base64_ids: 'ids are base64 where OTLP/JSON wants hex; they were converted',
  double_encoded_ids: 'ids are base64 of their hex text where OTLP/JSON wants hex; they were converted',
  snake_case: 'fields are in snake_case where OTLP/JSON wants lowerCamelCase; they were read all the same',
  attributes_as_object:
    'attributes are an object where OTLP/JSON wants a list of key and value; they were read all the same',
  enum_names: 'enums are names where OTLP/JSON wants numbers; they were read all the same',
  times_as_numbers: 'times are JSON numbers beyond 2^53 and have lost their last digits; send them as text',
  bad_parent_id: 'parent ids are not 8 bytes; these spans are treated as roots',
  content_discarded:
    'attributes carry prompts, answers or tool data; they were discarded. Switch content capture off at the sender',
}

/** Counts slips of one batch by kind, and says them in sentences. */
export class SlipCounter {
  private readonly counts = new Map<SenderSlip, number>()

  add(slip: SenderSlip): void {
    this.counts.set(slip, (this.counts.get(slip) ?? 0) + 1)
  }

  /** One sentence per kind with its count, in the order of first appearance. */
  sentences(): string[] {
    return [...this.counts].map(([slip, count]) => `${count} ×: ${SENTENCES[slip]}.`)
  }
}
