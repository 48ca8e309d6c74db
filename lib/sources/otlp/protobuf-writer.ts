/** Writes the protobuf wire format into one growing buffer. Numbers of fields are the caller's; nothing is left out. */
export class ProtobufWriter {
  private bytes = new Uint8Array(256)
  private size = 0

  finish(): Uint8Array {
    return this.bytes.slice(0, this.size)
  }

  int64(field: number, value: bigint): void {
    this.varint(BigInt(field << 3))
    this.varint(BigInt.asUintN(64, value))
  }

  fixed64(field: number, value: bigint): void {
    this.varint(BigInt((field << 3) | 1))
    const at = this.reserve(8)
    new DataView(this.bytes.buffer).setBigUint64(at, value, true)
  }

  fixed32(field: number, value: number): void {
    this.varint(BigInt((field << 3) | 5))
    const at = this.reserve(4)
    new DataView(this.bytes.buffer).setUint32(at, value, true)
  }

  double(field: number, value: number): void {
    this.varint(BigInt((field << 3) | 1))
    const at = this.reserve(8)
    new DataView(this.bytes.buffer).setFloat64(at, value, true)
  }

  text(field: number, value: string): void {
    this.data(field, new TextEncoder().encode(value))
  }

  data(field: number, value: Uint8Array): void {
    this.varint(BigInt((field << 3) | 2))
    this.varint(BigInt(value.length))
    const at = this.reserve(value.length)
    this.bytes.set(value, at)
  }

  message(field: number, write: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter()
    write(inner)
    this.data(field, inner.bytes.subarray(0, inner.size))
  }

  private varint(value: bigint): void {
    let rest = value
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.byte(Number(rest))
  }

  private byte(value: number): void {
    // First the room, for it may put another buffer in place.
    const at = this.reserve(1)
    this.bytes[at] = value
  }

  /** Makes room for `count` bytes and answers where they begin. */
  private reserve(count: number): number {
    const at = this.size
    this.size += count
    if (this.size > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.size, this.bytes.length * 2))
      larger.set(this.bytes)
      this.bytes = larger
    }
    return at
  }
}
