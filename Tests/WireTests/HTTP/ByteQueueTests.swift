import Testing

@testable import Wire

@Suite struct ByteQueueTests {
  private func text(_ queue: ByteQueue) -> String {
    HTTPBytes.string(queue.span)
  }

  @Test func anEmptyQueueHoldsNoHeap() {
    #expect(ByteQueue().capacity == 0)
    var queue = ByteQueue()
    queue.append("something longer than nothing")
    queue.removeAll()
    #expect(queue.capacity == 0)
  }

  @Test func bytesComeOutInTheOrderTheyWentIn() {
    var queue = ByteQueue()
    queue.append("one" as StaticString)
    queue.append(byte: UInt8(ascii: ","))
    queue.append(String("zwölf"))
    queue.append([0x2C, 0x33] as [UInt8])
    queue.append(([0x34] as [UInt8]).span)
    #expect(self.text(queue) == "one,zwölf,34")
    queue.consume(4)
    #expect(self.text(queue) == "zwölf,34")
    #expect(queue.count == 9)
    queue.consume(0)
    queue.consume(-3)
    #expect(queue.count == 9)
    queue.consume(1000)
    #expect(queue.isEmpty && queue.count == 0)
  }

  @Test func aReaderWritesStraightIntoTheQueue() throws {
    struct Refusal: Error, Equatable {}
    var queue = ByteQueue()
    queue.append("ab")
    queue.append(upTo: 100) { room in
      room.append(0x63)
      room.append(0x64)
    }
    #expect(self.text(queue) == "abcd")
    #expect(throws: Refusal()) {
      try queue.append(upTo: 10) { (room: inout OutputSpan<UInt8>) throws(Refusal) in
        room.append(0x65)
        throw Refusal()
      }
    }
    #expect(self.text(queue) == "abcde")
  }

  @Test func anEmptiedQueueGivesBackALargeBuffer() {
    var queue = ByteQueue()
    queue.append([UInt8](repeating: 1, count: 1_000_000))
    queue.consume(999_999)
    #expect(queue.capacity >= 1_000_000)
    queue.consume(1)
    #expect(queue.capacity == 0)
    queue.append([UInt8](repeating: 1, count: 1000))
    queue.consume(1000)
    #expect(queue.capacity >= 1000 && queue.capacity <= ByteQueue.keptCapacity)
  }

  @Test func anEmptiedQueueGivesBackRoomThatItsLastUseDidNotNeed() {
    var queue = ByteQueue()
    queue.append([UInt8](repeating: 1, count: 4000))
    queue.consume(4000)
    #expect(queue.capacity >= 4000, "as much may come again")
    queue.append([UInt8](repeating: 1, count: 100))
    queue.consume(60)
    #expect(queue.capacity >= 4000, "there is something in it")
    queue.consume(40)
    #expect(queue.capacity == 0)
    queue.append([UInt8](repeating: 2, count: 100))
    let room = queue.capacity
    for _ in 0..<3 {
      queue.consume(100)
      #expect(queue.capacity == room, "small rooms stay")
      queue.append([UInt8](repeating: 2, count: 5))
      queue.consume(5)
      #expect(queue.capacity == room)
    }
  }

  /// A queue that is never empty must neither grow with what went through it nor move every byte at every step.
  @Test func aLongLivedQueueStaysAsLargeAsItsContents() {
    var queue = ByteQueue()
    queue.append([UInt8](repeating: 7, count: 10))
    for round in 0..<100_000 {
      queue.append(byte: UInt8(truncatingIfNeeded: round))
      queue.consume(1)
    }
    #expect(queue.count == 10)
    #expect(queue.capacity < 1024)
    #expect(queue.span[9] == UInt8(truncatingIfNeeded: 99_999))
  }
}
