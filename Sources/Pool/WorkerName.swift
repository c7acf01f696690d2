/// A worker's name in the pool: a rising number, so that the oldest is the smallest.
package struct WorkerName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let age: Int

  package init(age: Int) {
    self.age = age
  }

  package var description: String { "\(self.age)" }

  package static func < (one: WorkerName, other: WorkerName) -> Bool {
    one.age < other.age
  }
}
